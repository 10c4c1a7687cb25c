import type { Snippet, SnippetInput } from './connection-snippets';

/** A string literal of Python; its escapes are those of JSON. */
const pythonText = (text: string): string => JSON.stringify(text);
/** A string literal of PHP in single quotes, in which only these two have a meaning. */
const phpText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const ask = 'select user()';

/** Programs in Python (PyMySQL) and PHP (mysqli), with verified TLS. No password is in them. */
export const scriptSnippets = (input: SnippetInput): Snippet[] => [
  { title: 'Python', language: 'python', text: pythonProgram(input) },
  { title: 'PHP', language: 'php', text: phpProgram(input) },
];

function pythonProgram({ host, port, user, database, ca, certificate, auth, sql }: SnippetInput): string {
  const password = auth === 'static' ? 'os.environ["MYSQL_PASSWORD"]' : '"none"';
  return `import os
import pymysql

connection = pymysql.connect(
    host=${pythonText(host)},
    port=${port},
    user=${pythonText(user)},
    password=${password},
${database === null ? '' : `    database=${pythonText(database)},\n`}    ssl_ca=${pythonText(ca)},
${certificate === null ? '' : `    ssl_cert=${pythonText(certificate.cert)},\n    ssl_key=${pythonText(certificate.key)},\n`}    ssl_verify_cert=True,
    ssl_verify_identity=True,
)
with connection, connection.cursor() as cursor:
    cursor.execute(${pythonText(sql ?? ask)})
    for row in cursor.fetchall():
        print(row)
`;
}

function phpProgram({ host, port, user, database, ca, certificate, auth, sql }: SnippetInput): string {
  const password = auth === 'static' ? "getenv('MYSQL_PASSWORD')" : "'none'";
  const files = certificate === null ? 'null, null' : `${phpText(certificate.key)}, ${phpText(certificate.cert)}`;
  return `<?php
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$connection = mysqli_init();
$connection->ssl_set(${files}, ${phpText(ca)}, null, null);
$connection->options(MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, true);
$connection->real_connect(${phpText(host)}, ${phpText(user)}, ${password}, ${database === null ? 'null' : phpText(database)}, ${port}, null, MYSQLI_CLIENT_SSL);
foreach ($connection->query(${phpText(sql ?? ask)}) as $row) {
    print_r($row);
}
`;
}

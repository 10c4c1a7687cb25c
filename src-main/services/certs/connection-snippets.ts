import { shellWord } from '../callers/connection-lines';

/** A client's place, trust and identity; paths are absolute, so that a snippet works wherever it is pasted. */
export interface SnippetInput {
  readonly host: string;
  readonly port: number;
  /** Keyspace to start in; null: none. */
  readonly database: string | null;
  readonly user: string;
  /** `clientcert`: the certificate says who it is; `static`: the password does. */
  readonly auth: 'static' | 'clientcert';
  /** Root of the gateway's certificate. */
  readonly ca: string;
  readonly certificate: { readonly cert: string; readonly key: string } | null;
  /** Statement to run, its rows printed; absent: the program asks who it is. */
  readonly sql?: string;
}

export interface Snippet {
  readonly title: string;
  readonly language: 'shell' | 'go' | 'java' | 'javascript' | 'python' | 'php';
  readonly text: string;
}

/** How programs connect to a gateway over MySQL with verified TLS. No password is in any of them. */
export const connectionSnippets = (input: SnippetInput): Snippet[] => [
  { title: 'mysql', language: 'shell', text: mysqlLine(input) },
  { title: 'mariadb', language: 'shell', text: mariadbLine(input) },
  { title: 'Go', language: 'go', text: goProgram(input) },
  { title: 'Java', language: 'java', text: javaProgram(input) },
  { title: 'Node', language: 'javascript', text: nodeProgram(input) },
];

/** A command over several lines of a POSIX shell. */
const lines = (words: readonly string[]): string => words.join(' \\\n  ');

const option = (name: string, value: string | number): string => `--${name}=${shellWord(String(value))}`;

const commonOptions = ({ host, port, user, database, ca, certificate, auth }: SnippetInput): string[] => [
  option('host', host),
  option('port', port),
  option('protocol', 'tcp'),
  option('user', user),
  ...(auth === 'static' ? ['--password'] : []),
  ...(database === null ? [] : [option('database', database)]),
  option('ssl-ca', ca),
  ...(certificate === null ? [] : [option('ssl-cert', certificate.cert), option('ssl-key', certificate.key)]),
];

const mysqlLine = (input: SnippetInput): string =>
  lines([
    'mysql',
    ...commonOptions(input),
    '--ssl-mode=VERIFY_IDENTITY',
    // The gateway takes the name from the certificate and asks for a password in clear all the same.
    ...(input.auth === 'clientcert' ? ['--enable-cleartext-plugin'] : []),
  ]);

const mariadbLine = (input: SnippetInput): string =>
  lines([
    ...(input.auth === 'clientcert' ? ['LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN=1 mariadb'] : ['mariadb']),
    ...commonOptions(input),
    '--ssl-verify-server-cert',
  ]);

/** A string literal that Go, Java and JavaScript read alike. */
const literal = (text: string): string => JSON.stringify(text).replaceAll('\u2028', '\\u2028');

/** Where a program takes its password from; a caller known by its certificate needs none. */
const goPassword = ({ auth }: SnippetInput): string => (auth === 'static' ? 'os.Getenv("MYSQL_PASSWORD")' : '"none"');

function goProgram(input: SnippetInput): string {
  const { host, port, user, database, ca, certificate, auth } = input;
  const identity =
    certificate === null
      ? ''
      : `
	identity, err := tls.LoadX509KeyPair(${literal(certificate.cert)}, ${literal(certificate.key)})
	if err != nil {
		log.Fatal(err)
	}`;
  return `package main

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"log"
	"os"

	"github.com/go-sql-driver/mysql"
)

func main() {
	pem, err := os.ReadFile(${literal(ca)})
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		log.Fatal("no certificate in the CA file")
	}${identity}

	config := mysql.NewConfig()
	config.Net = "tcp"
	config.Addr = ${literal(`${host.includes(':') ? `[${host}]` : host}:${port}`)}
	config.User = ${literal(user)}
	config.Passwd = ${goPassword(input)}
	config.DBName = ${literal(database ?? '')}${auth === 'clientcert' ? '\n\tconfig.AllowCleartextPasswords = true' : ''}
	config.TLS = &tls.Config{RootCAs: roots, ServerName: ${literal(host)}${certificate === null ? '' : ', Certificates: []tls.Certificate{identity}'}}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		log.Fatal(err)
	}
${goQuery(input.sql)}
}
`;
}

const goQuery = (statement: string | undefined): string =>
  statement === undefined
    ? `	var who string
	if err := sql.OpenDB(connector).QueryRow("select user()").Scan(&who); err != nil {
		log.Fatal(err)
	}
	fmt.Println(who)`
    : `	rows, err := sql.OpenDB(connector).Query(${literal(statement)})
	if err != nil {
		log.Fatal(err)
	}
	columns, err := rows.Columns()
	if err != nil {
		log.Fatal(err)
	}
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		places := make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			log.Fatal(err)
		}
		for i, value := range values {
			fmt.Println(columns[i], value.String)
		}
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}`;

function javaProgram({ host, port, user, database, ca, certificate, auth, sql }: SnippetInput): string {
  const stores = [
    '// Connector/J reads key stores. Make them once:',
    `//   keytool -importcert -noprompt -alias gateway -file ${shellWord(ca)} -storetype PKCS12 -keystore trust.p12 -storepass:env STORE_PASSWORD`,
    ...(certificate === null
      ? []
      : [
          `//   openssl pkcs12 -export -in ${shellWord(certificate.cert)} -inkey ${shellWord(certificate.key)} -out client.p12 -passout env:STORE_PASSWORD`,
        ]),
  ];
  const settings = [
    ['user', literal(user)],
    ['password', auth === 'static' ? 'System.getenv("MYSQL_PASSWORD")' : '"none"'],
    ['sslMode', '"VERIFY_IDENTITY"'],
    ['trustCertificateKeyStoreUrl', '"file:trust.p12"'],
    ['trustCertificateKeyStoreType', '"PKCS12"'],
    ['trustCertificateKeyStorePassword', 'store'],
    ...(certificate === null
      ? []
      : [
          ['clientCertificateKeyStoreUrl', '"file:client.p12"'],
          ['clientCertificateKeyStoreType', '"PKCS12"'],
          ['clientCertificateKeyStorePassword', 'store'],
        ]),
  ];
  const url = `jdbc:mysql://${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(database ?? '')}`;
  return `${stores.join('\n')}
import java.sql.DriverManager;
import java.util.Properties;

public class Connect {
  public static void main(String[] arguments) throws Exception {
    String store = System.getenv("STORE_PASSWORD");
    Properties settings = new Properties();
${settings.map(([key, value]) => `    settings.setProperty("${key ?? ''}", ${value ?? ''});`).join('\n')}
    try (var connection = DriverManager.getConnection(${literal(url)}, settings);
        var rows = connection.createStatement().executeQuery(${literal(sql ?? 'select user()')})) {
      while (rows.next())
        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++)
          System.out.println(rows.getString(column));
    }
  }
}
`;
}

function nodeProgram({ host, port, user, database, ca, certificate, auth, sql }: SnippetInput): string {
  const files = [
    `ca: readFileSync(${literal(ca)}),`,
    ...(certificate === null
      ? []
      : [`cert: readFileSync(${literal(certificate.cert)}),`, `key: readFileSync(${literal(certificate.key)}),`]),
  ];
  return `import { readFileSync } from 'node:fs';
import mysql from 'mysql2/promise';

const connection = await mysql.createConnection({
  host: ${literal(host)},
  port: ${port},
  user: ${literal(user)},
  password: ${auth === 'static' ? 'process.env.MYSQL_PASSWORD' : "'none'"},
${database === null ? '' : `  database: ${literal(database)},\n`}${auth === 'clientcert' ? '  enableCleartextPlugin: true,\n' : ''}  ssl: {
    ${files.join('\n    ')}
    rejectUnauthorized: true,
    verifyIdentity: true,
  },
});
${
  sql === undefined
    ? `const [rows] = await connection.query('select user() as who');\nconsole.log(rows[0].who);`
    : `const [rows] = await connection.query(${literal(sql)});\nconsole.log(rows);`
}
await connection.end();
`;
}

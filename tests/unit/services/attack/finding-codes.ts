import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const domain = join(import.meta.dirname, '..', '..', '..', '..', 'src-main', 'domain');

/** Where findings are made: the files, the function, which argument is the code, and what stands before it. */
const sources = [
  { folder: 'topology', files: ['findings.ts'], call: 'warn', code: 0, prefix: () => 'topology.' },
  { folder: 'acl', call: 'add', code: 0, prefix: () => 'acl.', without: ['settings-findings.ts'] },
  {
    folder: 'users',
    call: 'note',
    code: 1,
    prefix: (file: string) => (file.startsWith('grpc-') ? 'grpc-users.' : 'users.'),
  },
  { folder: 'query-rules', call: 'note', code: 1, prefix: () => 'query-rules.' },
  { folder: 'certs', files: ['lint.ts'], call: 'fault', code: 0, prefix: () => 'certificate.' },
] as const;

const levels = new Set(['error', 'warning', 'info']);

/** The texts that an expression can be: a literal, or the branches of a choice. */
function textsOf(node: ts.Expression | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  return [];
}

const nameOf = (call: ts.CallExpression): string =>
  ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : call.expression.getText();

/** Every code with which the program makes a finding that is not always an error, read from its source. */
export function findingCodes(): ReadonlySet<string> {
  const codes = new Set<string>();
  for (const source of sources) {
    const folder = join(domain, source.folder);
    const names = 'files' in source ? source.files : readdirSync(folder).filter((name) => name.endsWith('.ts'));
    for (const name of names) {
      if ('without' in source && (source.without as readonly string[]).includes(name)) continue;
      const file = ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.Latest, true);
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && nameOf(node) === source.call) {
          const level = node.arguments.flatMap((argument) =>
            ts.isExpression(argument) ? textsOf(argument).filter((text) => levels.has(text)) : [],
          );
          if (level.length !== 1 || level[0] !== 'error')
            for (const code of textsOf(node.arguments[source.code]))
              if (/^[a-z][a-z0-9-]*$/.test(code) && !levels.has(code)) codes.add(source.prefix(name) + code);
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
    }
  }
  return codes;
}

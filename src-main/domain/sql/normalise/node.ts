/** Thrown for a statement that would not be printed exactly; it is then sent as written. One object, without a stack. */
export const unprintable: Error = Object.assign(new Error('not printed'), { stack: '' });

/** Types of bind variables that literals become, by Vitess's names (go/vt/proto/query). */
export type LiteralType =
  'INT64' | 'FLOAT64' | 'DECIMAL' | 'VARCHAR' | 'HEXNUM' | 'HEXVAL' | 'BITNUM' | 'DATE' | 'TIME' | 'DATETIME';

/** What the walk that puts bind variables in place of literals must know of a node; `plain` is everything else. */
export type NodeKind =
  | 'plain'
  | 'literal'
  | 'column'
  | 'comparison'
  | 'tuple'
  | 'subquery'
  | 'derived'
  | 'select'
  | 'union'
  | 'aliased'
  | 'not'
  | 'boolean'
  | 'exists'
  | 'call'
  | 'variable'
  | 'assignment'
  | 'order'
  | 'group'
  | 'limit'
  | 'aggregate'
  | 'least-or-most'
  | 'frame';

/** A node as the operand of another: where it stands, and how loosely it may bind to do so without brackets. */
export interface Operand {
  readonly node: Node;
  /** To the right of an operator that groups to the left. */
  readonly right: boolean;
  /** The loosest binding that MySQL reads back as the same tree without brackets. */
  readonly most: number;
}

/** `:name` or `::name`, where a value goes. */
export interface Argument {
  readonly argument: string;
}

export type Part = string | Node | Operand | Argument;

/** A stretch of a statement that knows how it is printed. */
export interface Node {
  kind: NodeKind;
  /** How loosely Vitess takes it to bind (go/vt/sqlparser/precedence.go): 16 OR … 3 unary; 0 where it never puts brackets. */
  level: number;
  /** How loosely it really binds, where that is another number. */
  binding: number;
  parts: Part[];
  /** Its nodes in the order in which vtgate visits them; absent = as printed. */
  visits?: readonly Node[];
  /** A literal: its type and its value as vtgate puts it into the bind variable. */
  type?: LiteralType;
  value?: string;
  /** A column: the name that its bind variable gets. A call or variable: its lower-case name. */
  name?: string;
  /** A comparison or an assignment; the operand of NOT; the query of a subquery; the select of EXISTS. */
  operator?: string;
  left?: Node;
  right?: Node;
  /** `any`, `all` of a comparison with a subquery. */
  modified?: boolean;
  /** A select expression has no alias; an aggregate is DISTINCT; a subquery's operator is `in`. */
  flag?: boolean;
  /** A SELECT, for what EXISTS and subqueries without tables are rewritten to. */
  select?: SelectShape;
}

/** What a SELECT has. */
export interface SelectShape {
  readonly expressions: Node[];
  /** Place of the select list in `parts`. */
  readonly listAt: number;
  groupAt: number;
  readonly onlyDual: boolean;
  readonly hasWhere: boolean;
  readonly hasGroup: boolean;
  readonly hasHaving: boolean;
  ordered: boolean;
  limited: boolean;
  locked: boolean;
  withClause: boolean;
}

/** A node that binds as tightly as a name. */
export const node = (kind: NodeKind, parts: Part[], rest?: Partial<Node>): Node =>
  rest === undefined ? { kind, level: 0, binding: 0, parts } : { kind, level: 0, binding: 0, parts, ...rest };

export const plain = (...parts: Part[]): Node => ({ kind: 'plain', level: 0, binding: 0, parts });

/** An operator's node. */
export const operation = (level: number, parts: Part[]): Node => ({ kind: 'plain', level, binding: level, parts });

export const leftOf = (of: Node, most: number): Operand => ({ node: of, right: false, most });
export const rightOf = (of: Node, most: number): Operand => ({ node: of, right: true, most });

/** Nodes with commas between them. */
export function listed(nodes: readonly Node[]): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < nodes.length; i++) {
    if (i > 0) parts.push(', ');
    parts.push(nodes[i] as Node);
  }
  return parts;
}

/** Turns a node into another in place, so that whoever holds it prints the other. */
export function become(target: Node, other: Node): void {
  target.kind = other.kind;
  target.level = other.level;
  target.binding = other.binding;
  target.parts = other.parts;
  delete target.visits;
  if (other.visits !== undefined) target.visits = other.visits;
  for (const key of ['type', 'value', 'name', 'operator', 'left', 'right', 'modified', 'flag', 'select'] as const)
    Object.assign(target, { [key]: other[key] });
}

const isNode = (part: Node | Operand): part is Node => 'parts' in part;
const isArgument = (part: Node | Operand | Argument): part is Argument => 'argument' in part;

/** A bind variable's place: `:name` or `::name`. */
export const argumentNode = (text: string, after = ''): Node =>
  plain({ argument: text }, ...(after === '' ? [] : [after]));

/** The nodes that vtgate visits below a node, in its order. */
export function nodesOf(of: Node): readonly Node[] {
  if (of.visits !== undefined) return of.visits;
  const found: Node[] = [];
  for (const part of of.parts)
    if (typeof part !== 'string' && !isArgument(part)) found.push(isNode(part) ? part : part.node);
  return found;
}

/**
 * The text of a node as Vitess prints it (go/vt/sqlparser/ast_format.go). Brackets follow from how operators bind, not from
 * what was written; where Vitess leaves out one that is needed, this throws `unprintable`.
 */
export function print(of: Node): string {
  const pieces = printPieces(of);
  let text = pieces.texts[0] as string;
  for (let i = 0; i < pieces.names.length; i++) text += (pieces.names[i] as string) + (pieces.texts[i + 1] as string);
  return text;
}

/** A printed statement, cut where values go: `texts` is one longer than `names`, which have their colons. */
export interface Pieces {
  readonly texts: readonly string[];
  readonly names: readonly string[];
}

interface Sheet {
  text: string;
  readonly texts: string[];
  readonly names: string[];
}

/** As `print`, in pieces. */
export function printPieces(of: Node): Pieces {
  const sheet: Sheet = { text: '', texts: [], names: [] };
  put(of, sheet);
  sheet.texts.push(sheet.text);
  return sheet;
}

function put(of: Node, sheet: Sheet): void {
  const { parts } = of;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    if (typeof part === 'string') sheet.text += part;
    else if (isArgument(part)) {
      sheet.names.push(part.argument);
      sheet.texts.push(sheet.text);
      sheet.text = '';
    } else if (isNode(part)) put(part, sheet);
    else putOperand(of, part, sheet);
  }
}

function putOperand(of: Node, { node: operand, right, most }: Operand, sheet: Sheet): void {
  if (of.operator === 'unary' && operand.operator === 'unary') {
    // MySQL has rules of its own for `!!x`.
    if (of.parts[0] === '!' && operand.parts[0] === '!') throw unprintable;
    // Two signs need a space between them, and no brackets.
    sheet.text += ' ';
    put(operand, sheet);
    return;
  }
  if (of.level !== 0 && operand.level !== 0 && needsBrackets(of, operand, right)) {
    sheet.text += '(';
    put(operand, sheet);
    sheet.text += ')';
    return;
  }
  if (operand.binding > most) throw unprintable;
  put(operand, sheet);
}

function needsBrackets(of: Node, operand: Node, right: boolean): boolean {
  if (of.operator === 'is' && operand.operator === 'is') return true;
  return right ? operand.level >= of.level : operand.level > of.level;
}

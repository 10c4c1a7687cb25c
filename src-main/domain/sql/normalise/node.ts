import type { CommonTable, Source } from './inline-common-tables';

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

/** A literal's value as vtgate puts it into a bind variable. */
export interface BindValue {
  readonly type: LiteralType;
  readonly value: string;
}

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
  visits?: readonly Node[] | undefined;
  /** A literal: its type and its value as vtgate puts it into the bind variable. */
  type?: LiteralType | undefined;
  value?: string | undefined;
  /** A column: the name that its bind variable gets. A call or variable: its lower-case name. */
  name?: string | undefined;
  /** A comparison or an assignment; the operand of NOT; the query of a subquery; the select of EXISTS. */
  operator?: string | undefined;
  left?: Node | undefined;
  right?: Node | undefined;
  /** `any`, `all` of a comparison with a subquery. */
  modified?: boolean | undefined;
  /** A select expression has no alias; an aggregate is DISTINCT; a subquery's operator is `in`. */
  flag?: boolean | undefined;
  /** A WITH clause that is not recursive: its names. */
  common?: readonly CommonTable[];
  /** A table or a query in brackets that stands in a FROM list. */
  source?: Source;
  /** A SELECT, for what EXISTS and subqueries without tables are rewritten to. */
  select?: SelectShape | undefined;
  /** A list in brackets of nothing but literals: they, in place of nodes. */
  literals?: readonly BindValue[] | undefined;
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
  /** ` into …`, which is printed last; a union loses it. */
  into: string;
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
  target.visits = other.visits;
  target.type = other.type;
  target.value = other.value;
  target.name = other.name;
  target.operator = other.operator;
  target.left = other.left;
  target.right = other.right;
  target.modified = other.modified;
  target.flag = other.flag;
  target.select = other.select;
  target.literals = other.literals;
}

/** Puts a text in place of a literal. */
export function replaceLiteral(literal: Node, text: string): void {
  literal.kind = 'plain';
  literal.parts[0] = text;
  literal.type = undefined;
  literal.value = undefined;
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
  const { texts, names } = printPieces(of);
  if (names.length === 0) return texts[0] as string;
  const all: string[] = [];
  for (let i = 0; i < names.length; i++) all.push(texts[i] as string, names[i] as string);
  all.push(texts[names.length] as string);
  return all.join('');
}

/** A printed statement, cut where values go: `texts` is one longer than `names`, which have their colons. */
export interface Pieces {
  readonly texts: readonly string[];
  readonly names: readonly string[];
}

interface Sheet {
  /** What was printed since the last name, but for what `full` holds. */
  text: string;
  /** Stretches of it that are complete: a text that grows part by part is a chain as long as its parts are many. */
  readonly full: string[];
  readonly texts: string[];
  readonly names: string[];
}

/** As `print`, in pieces. */
export function printPieces(of: Node): Pieces {
  const sheet: Sheet = { text: '', full: [], texts: [], names: [] };
  put(of, sheet);
  const { texts, names } = sheet;
  texts.push(textOf(sheet));
  return { texts, names };
}

/** Longest text that is left a chain of its parts, in UTF-16 units. */
const longestChain = 16_384;

/** The same text in one piece: asking for a character makes the engine copy the parts of a chain together. */
const flat = (text: string): string => (text.charCodeAt(0) >= 0 ? text : '');

/** Ends a stretch between names. */
function textOf(sheet: Sheet): string {
  const { text, full } = sheet;
  sheet.text = '';
  if (full.length === 0) return text;
  full.push(text);
  return full.splice(0).join('');
}

function put(of: Node, sheet: Sheet): void {
  const { parts } = of;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    if (typeof part === 'string') {
      sheet.text += part;
      if (sheet.text.length > longestChain) {
        sheet.full.push(flat(sheet.text));
        sheet.text = '';
      }
    } else if (isArgument(part)) {
      sheet.names.push(part.argument);
      sheet.texts.push(textOf(sheet));
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

import { isName, keyword } from './keywords';
import type { Reader } from './reader';
import { C, T } from './token-kinds';

const K = {
  and: keyword('and'),
  as: keyword('as'),
  asc: keyword('asc'),
  between: keyword('between'),
  by: keyword('by'),
  current: keyword('current'),
  desc: keyword('desc'),
  first: keyword('first'),
  following: keyword('following'),
  from: keyword('from'),
  ignore: keyword('ignore'),
  interval: keyword('interval'),
  last: keyword('last'),
  nulls: keyword('nulls'),
  order: keyword('order'),
  over: keyword('over'),
  partition: keyword('partition'),
  preceding: keyword('preceding'),
  range: keyword('range'),
  respect: keyword('respect'),
  row: keyword('row'),
  rows: keyword('rows'),
  unbounded: keyword('unbounded'),
} as const;

type List = (reader: Reader) => void;

/** Reads what may follow a function's brackets: `FROM FIRST`, `RESPECT NULLS`, `OVER …`. */
export function overClause(reader: Reader, expressionList: List): void {
  if (reader.kind === K.from && (reader.peek(1) === K.first || reader.peek(1) === K.last)) {
    reader.advance();
    reader.advance();
  }
  if ((reader.kind === K.respect || reader.kind === K.ignore) && reader.peek(1) === K.nulls) {
    reader.advance();
    reader.advance();
  }
  if (!reader.accept(K.over)) return;
  if (reader.kind === C.open) windowSpecification(reader, expressionList);
  else reader.name();
}

/** Reads `( [name] [PARTITION BY …] [ORDER BY …] [frame] )`. */
export function windowSpecification(reader: Reader, expressionList: List): void {
  reader.expect(C.open);
  if (isName(reader.kind)) reader.name();
  if (reader.accept(K.partition)) {
    reader.expect(K.by);
    expressionList(reader);
  }
  if (reader.accept(K.order)) {
    reader.expect(K.by);
    do orderItem(reader, expressionList);
    while (reader.accept(C.comma));
  }
  if (reader.kind === K.rows || reader.kind === K.range) {
    reader.advance();
    if (reader.accept(K.between)) {
      frameBound(reader);
      reader.expect(K.and);
    }
    frameBound(reader);
  }
  reader.expect(C.close);
}

function orderItem(reader: Reader, expressionList: List): void {
  expressionList(reader);
  if (!reader.accept(K.asc)) reader.accept(K.desc);
}

/** A frame's bound holds literals only, so that nothing can be read in it. */
function frameBound(reader: Reader): void {
  if (reader.accept(K.current)) {
    reader.expect(K.row);
    return;
  }
  if (!reader.accept(K.unbounded)) {
    const interval = reader.accept(K.interval);
    const { kind } = reader;
    if (kind !== T.integer && kind !== T.decimal && kind !== T.bindVariable && !(interval && kind === T.string))
      reader.fail();
    reader.advance();
    if (interval) reader.name();
  }
  if (!reader.accept(K.preceding)) reader.expect(K.following);
}

/** Cases of permissions.json that are read otherwise than tree M reads them, each with its reason. */
export const exceptions: ReadonlyMap<string, string> = new Map([
  [
    'comment-41',
    'planned like any other, but the real programs panic when they run it (decisions.json): read as a panic',
  ],
  ['comment-28', 'the RPCs cut block comments off before they parse: Query was empty (decisions.json)'],
  ['comment-45', 'the same'],
  ['select-129', 'the RPCs cut semicolons off before they parse: the statement runs (decisions.json)'],
  ['broken-04', 'the same: nothing is left'],
]);

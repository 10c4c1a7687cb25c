/** Cases of permissions.json that are read otherwise than tree M reads them, each with its reason. */
export const exceptions: ReadonlyMap<string, string> = new Map([
  [
    'comment-41',
    'planned like any other, but the real programs panic when they run it (decisions.json): read as a panic',
  ],
]);

/** How wide a text is on a terminal; colour sequences take no room. */
const visible = (text: string): number => text.replace(/\u001b\[[0-9;]*m/g, '').length;

/** Rows as columns that line up, two spaces apart; the first row may be a heading. Returns lines. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, visible(cell))));
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - visible(cell))))
      .join('  ')
      .trimEnd(),
  );
}

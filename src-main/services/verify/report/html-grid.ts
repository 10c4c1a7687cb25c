import { counted, html, named } from './html-text';
import { drawn, letterOfCell, markWords } from './html-marks';
import { needsLook, type MatrixReport, type ReportCell } from './matrix-report';

const roles = ['read', 'write', 'admin'] as const;
const initial = { read: 'R', write: 'W', admin: 'A' } as const;

/** More cells than this are drawn as one picture: a table of so many would keep a browser busy for long. */
const MOST_IN_TABLE = 30_000;
/** Height and width of one cell of the picture, and the gap after three roles. */
const CELL = 8;
const GAP = 4;

interface Row {
  readonly caller: string;
  readonly way: string;
  readonly cells: (ReportCell | undefined)[];
}

export const transportWords: Readonly<Record<ReportCell['transport'], string>> = {
  'mysql-plain': 'MySQL, no TLS',
  'mysql-tls': 'MySQL, TLS, not verified',
  'mysql-tls-verified': 'MySQL, TLS',
  'mysql-mutual-tls': 'MySQL, mutual TLS',
  'mysql-unix': 'MySQL, Unix socket',
  'grpc-plain': 'gRPC, no TLS',
  'grpc-tls': 'gRPC, TLS',
  'grpc-mutual-tls': 'gRPC, mutual TLS',
};

function rowsOf(report: MatrixReport): Row[] {
  const at = new Map(report.tables.map(({ table }, index) => [table, index * roles.length]));
  const rows = new Map<string, Row>();
  for (const cell of report.cells) {
    const place = cell.table === null || cell.role === null ? undefined : at.get(cell.table);
    if (place === undefined || cell.role === null) continue;
    const id = JSON.stringify([cell.suite, cell.caller, cell.transport]);
    let row = rows.get(id);
    if (row === undefined)
      rows.set(id, (row = { caller: cell.caller, way: transportWords[cell.transport], cells: [] }));
    row.cells[place + roles.indexOf(cell.role)] = cell;
  }
  return [...rows.values()];
}

/** The matrix, callers by tables: a table of marks with words, or one picture where it is very large. Empty without access tests. */
export function gridSection(report: MatrixReport): string {
  const rows = rowsOf(report);
  if (rows.length === 0) return '';
  const size = rows.length * report.tables.length * roles.length;
  const drawing = size > MOST_IN_TABLE ? picture(report, rows) : table(report, rows);
  return `<h2>Who may do what</h2><p class="small mute">R read · W write · A admin. Each mark is what a connection really got.</p>${key(report.cells)}<div class="scroll">${drawing}</div>`;
}

function key(cells: readonly ReportCell[]): string {
  const present = new Set(cells.map(letterOfCell));
  const items = (['a', 'd', 'r', 'w', 'n', 'o', 'x'] as const)
    .filter((letter) => present.has(letter))
    .map((letter) => `<li class="mark ${letter}">${drawn(letter)}${markWords[letter]}</li>`);
  const differs = cells.some(needsLook) ? ['<li class="mark off">Differs</li>'] : [];
  return `<ul class="key">${[...items, ...differs].join('')}</ul>`;
}

function mark(cell: ReportCell | undefined): string {
  if (cell === undefined || cell.role === null) return '';
  const letter = letterOfCell(cell);
  const off = needsLook(cell);
  return `<span class="m ${letter}${off ? ' off' : ''}">${drawn(letter)}${initial[cell.role]}<span class="h">${markWords[letter]}${off ? ', differs' : ''}. </span></span>`;
}

function table({ tables }: MatrixReport, rows: readonly Row[]): string {
  const grouped = tables.some(({ group }) => group !== null);
  const heads = tables.map(
    ({ table: name, group }) =>
      `<th scope="col">${grouped && group !== null ? `${named(group, 60)}<br>` : ''}<code>${named(name, 80)}</code></th>`,
  );
  const body = rows.map(
    ({ caller, way, cells }) =>
      `<tr><th scope="row">${named(caller)}<br><span class="small mute">${way}</span></th>${tables
        .map((_, index) => `<td>${roles.map((_role, role) => mark(cells[index * roles.length + role])).join('')}</td>`)
        .join('')}</tr>\n`,
  );
  return `<table class="grid"><thead><tr><th scope="col">Caller</th>${heads.join('')}</tr></thead><tbody>\n${body.join('')}</tbody></table>`;
}

/** The shape of each mark in a square of eight: none relies on its colour. */
const shapes: Readonly<Record<string, string>> = {
  a: 'h7v7h-7z',
  d: 'm2 2h3v3h-3z',
  r: 'm3 0h1v7h-1z',
  w: 'h7v3h-7z',
  n: 'h7l-7 7z',
  o: 'm0 3h7v1h-7z',
  x: 'l7 7h-7z',
};

function picture({ tables }: MatrixReport, rows: readonly Row[]): string {
  const paths = new Map<string, string[]>();
  const outline: string[] = [];
  rows.forEach(({ cells }, row) =>
    cells.forEach((cell, column) => {
      if (cell === undefined) return;
      const letter = letterOfCell(cell);
      const start = `M${column * CELL + Math.floor(column / roles.length) * GAP} ${row * CELL}`;
      const list = paths.get(letter) ?? [];
      list.push(`${start}${shapes[letter] ?? ''}`);
      paths.set(letter, list);
      if (needsLook(cell)) outline.push(`${start}m-1-1h9v9h-9z`);
    }),
  );
  const width = tables.length * (roles.length * CELL + GAP);
  const label = `${counted(rows.length, 'row', 'rows')} of callers by ${counted(tables.length, 'table', 'tables')}; the cells that differ are listed above`;
  const drawing = [...paths].map(([letter, list]) => `<path class="${letter}" d="${list.join('')}"/>`).join('\n');
  return `<svg class="picture" role="img" aria-label="${html(label)}" width="${width + 4}" height="${rows.length * CELL + 4}" viewBox="-2 -2 ${width + 4} ${rows.length * CELL + 4}"><path class="mk" d="${outline.join('')}"/>${drawing}</svg>`;
}

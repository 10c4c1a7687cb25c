import { render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { sorted, type Column } from '../../../src-renderer/ui/table';
import Table from '../../../src-renderer/ui/Table.svelte';

interface Row {
  name: string;
  rows: number;
}
const rows: Row[] = [
  { name: 'orders', rows: 9 },
  { name: 'customers', rows: 120 },
  { name: 'table10', rows: 2 },
  { name: 'table9', rows: 2 },
];
const columns: Column<Row>[] = [
  { id: 'name', label: 'Table', text: (row) => row.name, sort: true },
  { id: 'rows', label: 'Rows', text: (row) => String(row.rows), sort: (a, b) => a.rows - b.rows, align: 'end' },
];
const key = (row: Row): string => row.name;
const names = (): (string | null | undefined)[] =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.querySelector('td')?.textContent);

describe('table', () => {
  test('without selection it is a plain table', () => {
    render(Table<Row>, { columns, rows, key, label: 'Tables' });
    expect(screen.getByRole('table', { name: 'Tables' })).toBeTruthy();
    expect(screen.getAllByRole('row')).toHaveLength(5);
  });

  test('a head sorts, again turns around, and says so', async () => {
    render(Table<Row>, { columns, rows, key, label: 'Tables' });
    const user = userEvent.setup();
    const head = screen.getByRole('columnheader', { name: 'Rows' });
    expect(head.getAttribute('aria-sort')).toBeNull();
    await user.click(within(head).getByRole('button'));
    expect(names()).toEqual(['table10', 'table9', 'orders', 'customers']);
    expect(head.getAttribute('aria-sort')).toBe('ascending');
    await user.click(within(head).getByRole('button'));
    expect(names()[0]).toBe('customers');
    expect(head.getAttribute('aria-sort')).toBe('descending');
  });

  test('text is ordered with numbers in it counted', () => {
    expect(sorted(rows, columns, { column: 'name', down: false }).map(key)).toEqual([
      'customers',
      'orders',
      'table9',
      'table10',
    ]);
  });

  test('a grid: one tab stop, arrows move, Space selects, Enter opens, other keys are handed on', async () => {
    const onselect = vi.fn();
    const onopen = vi.fn();
    const onkey = vi.fn((event: KeyboardEvent) => event.key === 'Delete');
    render(Table<Row>, { columns, rows, key, label: 'Tables', selected: 'customers', onselect, onopen, onkey });
    const user = userEvent.setup();
    expect(screen.getByRole('grid', { name: 'Tables' })).toBeTruthy();
    const stops = screen.getAllByRole('row').filter((row) => row.tabIndex === 0 && row.hasAttribute('tabindex'));
    expect(stops.map((row) => row.querySelector('td')?.textContent)).toEqual(['customers']);
    stops[0]?.focus();
    await user.keyboard('{ArrowDown} ');
    expect(onselect).toHaveBeenCalledWith(rows[2]);
    await user.keyboard('{End}{Enter}');
    expect(onopen).toHaveBeenCalledWith(rows[3]);
    await user.keyboard('{Home}{Delete}');
    expect(onkey).toHaveBeenCalledWith(expect.anything(), rows[0]);
    expect(document.activeElement?.querySelector('td')?.textContent).toBe('orders');
  });

  test('the selected row says so', () => {
    render(Table<Row>, { columns, rows, key, label: 'Tables', selected: 'orders', onselect: () => undefined });
    const selected = screen.getAllByRole('row', { selected: true });
    expect(selected).toHaveLength(1);
    expect(selected[0]?.textContent).toContain('orders');
  });
});

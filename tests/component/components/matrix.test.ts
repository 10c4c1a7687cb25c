import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import {
  cellName,
  columnGroups,
  gridMove,
  inSight,
  type MatrixMark,
  type MatrixPlace,
} from '../../../src-renderer/components/matrix';
import MatrixSample from './MatrixSample.svelte';

const active = (): string => document.activeElement?.getAttribute('aria-label') ?? '';
const selected = (): string => screen.getByTestId('selected').textContent ?? '';

describe('names of cells', () => {
  const row = { id: 'c', name: 'reporting' };
  const column = { id: 't', name: 'payments' };

  test('a difference is spoken with what was expected', () => {
    expect(cellName(row, column, [{ role: 'R', kind: 'allowed', expected: 'denied', differs: true }])).toBe(
      'reporting, payments, read: allowed, expected denied, differs',
    );
  });

  test('what is as expected says it once', () => {
    expect(cellName(row, column, [{ role: 'W', kind: 'denied', expected: 'denied' }])).toBe(
      'reporting, payments, write: denied',
    );
  });

  test('several roles, predictions, changes', () => {
    const marks: MatrixMark[] = [
      { role: 'R', kind: 'allowed', predicted: true, changed: true },
      { role: 'A', kind: 'denied', predicted: true },
    ];
    expect(cellName(row, column, marks)).toBe(
      'reporting, payments, read: probably allowed, changed by the draft; admin: probably denied',
    );
  });
});

describe('grid', () => {
  test('one tab stop; arrows, Home, End and Ctrl with them move', async () => {
    render(MatrixSample);
    const user = userEvent.setup();
    await user.tab();
    await user.tab();
    expect(active()).toBe('caller 0, table_0, read: allowed');
    await user.keyboard('{ArrowRight}{ArrowDown}');
    expect(active()).toContain('caller 1, table_1');
    await user.keyboard('{End}');
    expect(active()).toContain('caller 1, table_3');
    await user.keyboard('{Control>}{Home}{/Control}');
    expect(active()).toContain('caller 0, table_0');
    await user.keyboard('{Control>}{End}{/Control}');
    expect(active()).toContain('caller 2, table_3');
    await user.keyboard('{ArrowRight}{ArrowDown}');
    expect(active()).toContain('caller 2, table_3');
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'after' }));
    await user.tab({ shift: true });
    expect(active()).toContain('caller 2, table_3');
  });

  test('Space selects a cell, with Shift its row, with Ctrl its column, Ctrl+A all; the same takes back', async () => {
    render(MatrixSample, { rows: 2, columns: 2 });
    const user = userEvent.setup();
    await user.tab();
    await user.tab();
    await user.keyboard(' ');
    expect(selected()).toBe('c0/t0');
    expect(screen.getAllByRole('gridcell', { selected: true })).toHaveLength(1);
    await user.keyboard(' ');
    expect(selected()).toBe('');
    await user.keyboard('{Shift>} {/Shift}');
    expect(selected()).toBe('c0/t0 c0/t1');
    await user.keyboard('{Shift>} {/Shift}{Control>} {/Control}');
    expect(selected()).toBe('c0/t0 c1/t0');
    await user.keyboard('{Control>}a{/Control}');
    expect(selected().split(' ')).toHaveLength(4);
  });

  test('Shift and an arrow select from where Shift began, less again on the way back', async () => {
    const user = userEvent.setup();
    render(MatrixSample);
    await user.tab();
    await user.tab();
    await user.keyboard('{Shift>}{ArrowRight}{ArrowDown}{/Shift}');
    expect(selected().split(' ')).toHaveLength(4);
    await user.keyboard('{Shift>}{ArrowLeft}{/Shift}');
    expect(selected().split(' ')).toHaveLength(2);
    await user.keyboard('{ArrowRight}{Shift>}{ArrowRight}{/Shift}');
    expect(selected().split(' ')).toHaveLength(4);
  });

  test('Enter and a click open, R runs, E expects; with Ctrl they are the browser’s', async () => {
    const calls: string[] = [];
    const note = (name: string) => (place: MatrixPlace) => void calls.push(`${name} ${place.row}/${place.column}`);
    render(MatrixSample, { onopen: note('open'), onrun: note('run'), onexpect: note('expect') });
    const user = userEvent.setup();
    await user.click(screen.getByRole('gridcell', { name: /caller 1, table_2/ }));
    await user.keyboard('{ArrowLeft}{Enter}re');
    await user.keyboard('{Control>}r{/Control}');
    expect(calls).toEqual(['open 1/2', 'open 1/1', 'run 1/1', 'expect 1/1']);
  });

  test('a click with Ctrl selects instead of opening, with Shift a rectangle', async () => {
    const onopen = vi.fn();
    render(MatrixSample, { onopen });
    const user = userEvent.setup();
    await user.keyboard('{Control>}');
    await user.click(screen.getByRole('gridcell', { name: /caller 0, table_0/ }));
    await user.keyboard('{/Control}{Shift>}');
    await user.click(screen.getByRole('gridcell', { name: /caller 1, table_1/ }));
    await user.keyboard('{/Shift}');
    expect(selected()).toBe('c0/t0 c0/t1 c1/t0 c1/t1');
    expect(onopen).not.toHaveBeenCalled();
  });

  test('rows, columns and their places are told, though only some are in the page', async () => {
    render(MatrixSample, { rows: 300, columns: 500 });
    const grid = screen.getByRole('grid', { name: 'Callers and tables' });
    expect(grid.getAttribute('aria-rowcount')).toBe('301');
    expect(grid.getAttribute('aria-colcount')).toBe('501');
    expect(grid.querySelectorAll('[role=gridcell]').length).toBeLessThan(1000);
    const cell = grid.querySelector('[role=gridcell]');
    expect(cell?.getAttribute('aria-colindex')).toBe('2');
    expect(cell?.closest('[role=row]')?.getAttribute('aria-rowindex')).toBe('2');
  });

  test('Ctrl+End reaches the last cell of many', async () => {
    render(MatrixSample, { rows: 300, columns: 500 });
    const user = userEvent.setup();
    await user.tab();
    await user.tab();
    await user.keyboard('{Control>}{End}{/Control}');
    // Nothing is laid out in jsdom, so the grid cannot scroll there; it remembers where it is and goes on from there.
    const grid = screen.getByRole('grid');
    expect(grid.contains(document.activeElement)).toBe(true);
    await user.keyboard('{Control>}{Home}{/Control}');
    expect(active()).toContain('caller 0, table_0');
  });

  test('nothing to show: a grid without cells still takes focus and no key breaks it', async () => {
    render(MatrixSample, { rows: 0, columns: 0 });
    const user = userEvent.setup();
    await user.tab();
    await user.tab();
    await user.keyboard('{ArrowDown} {Enter}r');
    expect(document.activeElement).toBe(screen.getByRole('grid'));
  });
});

describe('arithmetic', () => {
  test('what is in sight, with some more on both sides', () => {
    expect(inSight(0, 340, 34, 500)).toEqual({ first: 0, last: 13 });
    expect(inSight(3400, 340, 34, 500)).toEqual({ first: 97, last: 113 });
    expect(inSight(16_800, 340, 34, 500)).toEqual({ first: 491, last: 500 });
    expect(inSight(3400, 340, 34, 5)).toEqual({ first: 5, last: 5 });
    expect(inSight(0, 340, 34, 0)).toEqual({ first: 0, last: 0 });
  });

  test('Page Down goes a page, not past the end', () => {
    const key = { key: 'PageDown', ctrlKey: false, metaKey: false };
    expect(gridMove({ row: 5, column: 1 }, key, 30, 3, 10)).toEqual({ row: 15, column: 1 });
    expect(gridMove({ row: 25, column: 1 }, key, 30, 3, 10)).toEqual({ row: 29, column: 1 });
  });

  test('neighbours of one table group stand together', () => {
    const columns = ['sales', 'sales', undefined, 'people'].map((group, at) => ({ id: `${at}`, name: `${at}`, group }));
    expect(columnGroups(columns)).toEqual([
      { name: 'sales', first: 0, count: 2 },
      { name: '', first: 2, count: 1 },
      { name: 'people', first: 3, count: 1 },
    ]);
  });
});

import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { treeMove, treeRows } from '../../../src-renderer/ui/tree';
import Tree from '../../../src-renderer/ui/Tree.svelte';

interface Node {
  name: string;
  below: Node[];
}
const node = (name: string, ...below: Node[]): Node => ({ name, below });
const roots = [
  node('root', node('tablet CA', node('tablet')), node('gateway CA', node('gateway'), node('vtgate'))),
  node('imported.pem'),
];
const key = (one: Node): string => one.name;
const below = (one: Node): readonly Node[] => one.below;
const props = {
  roots,
  children: below,
  key,
  name: key,
  label: 'Certificates',
  columns: [{ id: 'name', label: 'Name', text: key }],
};
const shown = (): (string | undefined)[] =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.textContent?.trim());

describe('tree', () => {
  test('levels, places and what is open are told', () => {
    render(Tree<Node>, props);
    expect(screen.getByRole('treegrid', { name: 'Certificates' })).toBeTruthy();
    const gateway = screen.getByRole('row', { name: 'gateway CA' });
    expect(gateway.getAttribute('aria-level')).toBe('2');
    expect(gateway.getAttribute('aria-posinset')).toBe('2');
    expect(gateway.getAttribute('aria-setsize')).toBe('2');
    expect(gateway.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByRole('row', { name: 'imported.pem' }).hasAttribute('aria-expanded')).toBe(false);
  });

  test('Left closes, then goes out; Right opens, then goes in', async () => {
    render(Tree<Node>, props);
    const user = userEvent.setup();
    screen.getByRole('row', { name: 'gateway CA' }).focus();
    await user.keyboard('{ArrowLeft}');
    expect(shown()).toEqual(['root', 'tablet CA', 'tablet', 'gateway CA', 'imported.pem']);
    await user.keyboard('{ArrowLeft}');
    expect(document.activeElement?.textContent?.trim()).toBe('root');
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowRight}{ArrowRight}');
    expect(document.activeElement?.textContent?.trim()).toBe('gateway');
  });

  test('letters find; Space selects; Enter opens', async () => {
    const onselect = vi.fn();
    const onopen = vi.fn();
    render(Tree<Node>, { ...props, onselect, onopen });
    const user = userEvent.setup();
    await user.tab();
    expect(document.activeElement?.textContent?.trim()).toBe('root');
    await user.keyboard('vt');
    expect(document.activeElement?.textContent?.trim()).toBe('vtgate');
    await user.keyboard(' {Enter}');
    expect(onselect).toHaveBeenCalledWith(expect.objectContaining({ name: 'vtgate' }));
    expect(onopen).toHaveBeenCalledTimes(1);
  });

  test('only one row is a tab stop', () => {
    render(Tree<Node>, props);
    expect(screen.getAllByRole('row').filter((row) => row.getAttribute('tabindex') === '0')).toHaveLength(1);
  });

  test('moves stop at the ends', () => {
    const rows = treeRows(roots, key, below, new Set());
    expect(treeMove(rows, 0, 'ArrowUp')).toEqual({ kind: 'go', to: 0 });
    expect(treeMove(rows, rows.length - 1, 'ArrowDown')).toEqual({ kind: 'go', to: rows.length - 1 });
    expect(treeMove(rows, rows.length - 1, 'ArrowRight')).toBeNull();
    expect(treeMove([], 0, 'ArrowDown')).toBeNull();
  });
});

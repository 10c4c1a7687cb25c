import { describe, expect, it } from 'vitest';
import { fidelitySetting } from '../../../../src-main/services/attack/named-settings';
import { settingIn } from '../../../../src-main/services/attack/setting';
import { settingLine } from '../../../../src-main/services/attack/report';
import type { Workspace } from '../../../../src-main/services/workspace/load-workspace';

const text = `{
  "schema": 1,
  "fidelity": "hardened",
  "gateways": [
    { "name": "main" },
    { "name": "stock",
      "fidelity": "vitess" }
  ]
}`;
const gateways = [
  { name: 'main', fidelity: null },
  { name: 'stock', fidelity: 'vitess' },
];
const workspace = (overrides: object = {}): Workspace =>
  ({
    topology: { fidelity: 'hardened', vitess: '24.0.4', gateways },
    files: new Map([['gatehouse.json', Buffer.from(text)]]),
    overrides,
  }) as unknown as Workspace;
const gateway = (index: number) => workspace().topology.gateways[index]!;

describe('settings that are responsible', () => {
  it.each([
    [0, {}, 'main: fidelity', 'hardened', 3],
    [1, {}, 'stock: fidelity', 'vitess', 7],
    [1, { fidelity: 'hardened' }, 'stock: --fidelity', 'hardened', null],
  ] as const)('gateway %i with %j says where its fidelity is written', (index, overrides, name, value, line) => {
    const part = gateway(index).name;
    const found = fidelitySetting(workspace(overrides), gateway(index), part, null);
    expect(found.name).toBe(name);
    expect(found.value.replaceAll('"', '')).toBe(value);
    expect(found.place?.line ?? null).toBe(line);
  });

  it('an absent member has the line of what would hold it, and what it amounts to', () => {
    const setting = settingIn(text, { path: ['gateways', 0, 'mysql', 'tls'], name: 'tls' }, 'none');
    expect(setting).toMatchObject({ value: 'none', place: { file: 'gatehouse.json', line: 5 } });
  });

  it('is one line with place, flag and advice', () => {
    const setting = settingIn(text, { path: ['fidelity'], name: 'fidelity', flag: '--x', advice: 'Change it.' }, '');
    expect(settingLine(setting)).toBe('fidelity = "hardened" (gatehouse.json:3, --x): Change it.');
  });
});

import { describe, expect, test } from 'vitest';
import { operatingSystem, systems } from '../../../../src-main/platform/os';

describe.each(Object.entries(systems))('%s', (name, table) => {
  const system = operatingSystem(
    ({ linux: 'linux', macos: 'darwin', windows: 'win32' } as const)[name as keyof typeof systems],
  );

  test('the table and what is made of it agree', () => {
    expect(system.name).toBe(name);
    expect(system.executable('mysqld')).toBe(`mysqld${table.executableSuffix}`);
    expect(system.mysqlPlaces).toBe(table.mysqlPlaces);
    expect(system.unixSockets).toBe(system.signals);
    expect(system.maxSocketPath).toBe(table.maxSocketPath);
  });

  test('there is always a line that installs a server', () => {
    expect(table.installLines.at(-1)?.tool).toBeNull();
    expect(table.installLines.every(({ line }) => line !== '')).toBe(true);
  });
});

test('files are opened by a program, never by a shell that would read the path', () => {
  for (const { opener } of Object.values(systems)) expect(opener[0]).not.toMatch(/^(cmd|sh|powershell)/);
});

test('a process is told from another life of its pid', async () => {
  const system = operatingSystem();
  const own = await system.processStart(process.pid);
  expect(own).not.toBeNull();
  expect(await system.processStart(process.pid)).toBe(own);
  expect(await system.processStart(2 ** 22 + 1)).toBeNull();
  expect(await system.processCommand(process.pid)).toContain('node');
});

import { describe, expect, it, test } from 'vitest';
import { readCommands } from '../../../../src-main/domain/flags/read-commands';

/** `program: name=value name …` of each command. */
const read = (text: string): string[] =>
  readCommands(text).map(
    ({ program, other, flags }) =>
      `${program ?? other ?? '?'}: ${flags.map(({ name, value }) => (value === null ? name : `${name}=${value}`)).join(' ')}`,
  );

describe('pasted flags are read in the shape they come in', () => {
  test.each<[string, string, string[]]>([
    [
      'a command line',
      'vtgate --grpc-cert=/a --grpc-key /b --proxy-protocol',
      ['vtgate: grpc-cert=/a grpc-key=/b proxy-protocol'],
    ],
    ['a path and sudo', 'sudo -u vitess /vt/bin/vtgate --cell z', ['vtgate: cell=z']],
    ['a prompt and a program of Windows', 'PS> C:\\vt\\vtgate.exe --cell z', ['vtgate: cell=z']],
    [
      'quotes',
      `vtgate --cell "a b" --grpc-ca='/x y/"z"' --grpc-key=/a\\ b`,
      ['vtgate: cell=a b grpc-ca=/x y/"z" grpc-key=/a b'],
    ],
    ['continued lines', 'vtgate \\\n  --cell z \\\n  --grpc-port=1\n', ['vtgate: cell=z grpc-port=1']],
    ['continued lines of PowerShell', 'vtgate `\r\n  --cell z', ['vtgate: cell=z']],
    ['one dash', 'vtgate -cell z', ['vtgate: cell=z']],
    ['a comment', 'vtgate --cell z # --grpc-ca=/x\n', ['vtgate: cell=z']],
    ['what a redirection takes', 'vtgate --cell z >/tmp/log 2>&1 &', ['vtgate: cell=z']],
    ['two programs', 'vtgate --cell z\nvttablet --tablet-path z-1\n', ['vtgate: cell=z', 'vttablet: tablet-path=z-1']],
    [
      'a value that is a program’s name',
      'vttablet --log_dir /var/log/vtgate --cell z',
      ['vttablet: log_dir=/var/log/vtgate cell=z'],
    ],
    ['a negative number', 'vtgate --mysql-server-port -1 --cell z', ['vtgate: mysql-server-port=-1 cell=z']],
    [
      'a value that looks like a flag',
      'vttablet --db-app-password --secret --port 1',
      ['vttablet: db-app-password=--secret port=1'],
    ],
    [
      'ps',
      'UID PID CMD\nvitess 12 00:00:05 /vt/bin/vtgate --cell=z\nroot 13 grep --color=auto vtgate',
      ['vtgate: cell=z'],
    ],
    [
      'a systemd unit',
      '[Unit]\nDescription=The gate’s unit\n[Service]\nEnvironment=A=--x\nExecStart=-/usr/bin/vtgate --cell z \\\n  --grpc-port 1\nRestart=always\n',
      ['vtgate: cell=z grpc-port=1'],
    ],
    [
      'a container in YAML',
      'containers:\n- name: vttablet\n  image: vitess/lite:v24.0.4\n  command: ["/vt/bin/vttablet"]\n  args:\n  - --grpc-port=1\n  - "--cell"\n  - \'z\' # cell\n  env:\n  - name: X\n    value: y\n',
      ['vttablet: grpc-port=1 cell=z'],
    ],
    ['a shell in YAML', 'command:\n- sh\n- -c\n- |\n  exec vtgate \\\n    --cell z\n', ['vtgate: cell=z']],
    ['a shell in one line of YAML', 'args: ["-c", "exec vtgate --cell z --port=1"]', ['vtgate: cell=z port=1']],
    [
      'JSON',
      '"command": ["vtgate"],\n"args": [\n  "--cell",\n  "z",\n  "--grpc-port=1"\n],\n',
      ['vtgate: cell=z grpc-port=1'],
    ],
    [
      'a map of the operator',
      'vttablet:\n  extraFlags:\n    grpc_cert: "/x"\n    enforce-tableacl-config: true\n  resources:\n    limits: 1\n',
      ['vttablet: grpc_cert=/x enforce-tableacl-config=true'],
    ],
    ['a Dockerfile', 'FROM x\nCMD ["vtgate", "--cell", "z"]', ['vtgate: cell=z']],
    ['a file with a flag a line', '# made for 24\n--cell=z\n\n--grpc-port=1\n', ['?: cell=z grpc-port=1']],
    ['/proc/PID/cmdline', '/vt/bin/vtgate\0--cell\0a b\0', ['vtgate: cell=a b']],
    ['another program', 'vtorc --cell z', ['vtorc: cell=z']],
    ['nothing', 'nothing to see', []],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('knows the line of each flag', () => {
    const [command] = readCommands('\n\nvtgate --cell z \\\n  --port 1 \\\n  --grpc-port=2');
    expect(command?.flags.map(({ name, line }) => `${name} ${line}`)).toEqual(['cell 3', 'port 4', 'grpc-port 5']);
  });

  it('tells a word behind a switch from a value', () => {
    const [command] = readCommands('vttablet --enforce-tableacl-config false x --cell=z');
    expect(command?.flags.map(({ strayValue }) => strayValue)).toEqual([true, false]);
    expect(command?.strays).toEqual([1]);
  });

  it('reads an apostrophe that is never closed as a letter', () => {
    expect(read("don't\nvtgate --cell z")).toEqual(['vtgate: cell=z']);
  });
});

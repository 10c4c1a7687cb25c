import { expect, test } from 'vitest';
import { readVersionLine } from '../../../../src-main/servers/backend';

test.each([
  [
    'mysqld  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)',
    { vendor: 'MariaDB', version: '10.11.19' },
  ],
  ['/x/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', { vendor: 'MySQL', version: '9.7.4' }],
  ['mysqld  Ver 8.0.36 for macos14 on arm64 (MySQL Community Server - GPL)', { vendor: 'MySQL', version: '8.0.36' }],
  ['mariadbd from 11.8.2-MariaDB, client 15.2 for osx10.20 (arm64) using EditLine wrapper', null],
  ['mariadbd  Ver 11.8.2-MariaDB for osx10.20 on arm64 (Homebrew)', { vendor: 'MariaDB', version: '11.8.2' }],
  ['mysqld.exe  Ver 8.4.0 for Win64 on x86_64 (MySQL Community Server - GPL)', { vendor: 'MySQL', version: '8.4.0' }],
  ['bash, version 5.2', null],
  ['', null],
])('%s', (line, expected) => expect(readVersionLine(line)).toEqual(expected));

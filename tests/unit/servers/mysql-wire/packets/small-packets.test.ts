import { describe, expect, it } from 'vitest';
import {
  fastAuthSuccess,
  readAuthMoreData,
  writeAuthMoreData,
} from '../../../../../src-main/servers/mysql-wire/packets/auth-more-data';
import {
  readAuthSwitchRequest,
  writeAuthSwitchRequest,
} from '../../../../../src-main/servers/mysql-wire/packets/auth-switch-request';
import { command, commandName } from '../../../../../src-main/servers/mysql-wire/packets/command';
import { readCommandText, writeCommandText } from '../../../../../src-main/servers/mysql-wire/packets/command-text';
import { readEof, writeEof } from '../../../../../src-main/servers/mysql-wire/packets/eof';
import { readErr, writeErr } from '../../../../../src-main/servers/mysql-wire/packets/err';
import { readOk, writeOk } from '../../../../../src-main/servers/mysql-wire/packets/ok';
import { readSetOption, writeSetOption } from '../../../../../src-main/servers/mysql-wire/packets/set-option';
import { readStatementId, writeStatementId } from '../../../../../src-main/servers/mysql-wire/packets/stmt-id';
import {
  readStmtPrepareOk,
  writeStmtPrepareOk,
} from '../../../../../src-main/servers/mysql-wire/packets/stmt-prepare-ok';
import { readLongData, writeLongData } from '../../../../../src-main/servers/mysql-wire/packets/stmt-send-long-data';
import { hex, payloadOf } from './built';

describe('AuthSwitchRequest', () => {
  it('goes there and back', () => {
    const request = { plugin: 'mysql_native_password', data: hex('6162630000') };
    const payload = payloadOf((out) => writeAuthSwitchRequest(out, request));
    expect(payload).toEqual(hex('fe 6d7973716c5f6e61746976655f70617373776f726400 6162630000'));
    expect(readAuthSwitchRequest(payload)).toEqual(request);
    expect(() => readAuthSwitchRequest(hex('00'))).toThrow('packet type');
  });
});

describe('AuthMoreData', () => {
  it('goes there and back', () => {
    const payload = payloadOf((out) => writeAuthMoreData(out, fastAuthSuccess));
    expect(payload).toEqual(hex('0103'));
    expect(readAuthMoreData(payload)).toEqual(fastAuthSuccess);
    expect(() => readAuthMoreData(hex('00'))).toThrow('packet type');
  });
});

describe('OK', () => {
  it('of a login, as recorded: status autocommit and nothing else', () => {
    expect(payloadOf((out) => writeOk(out, { status: 2 }))).toEqual(hex('00 00 00 0200 0000'));
  });

  it('carries numbers of any size and an info', () => {
    const ok = {
      affectedRows: 300,
      insertId: 0xffffffffffffffffn,
      status: 3,
      warnings: 70_000,
      info: 'Rows matched: 1',
    };
    const payload = payloadOf((out) => writeOk(out, ok));
    expect(readOk(payload)).toEqual({ ...ok, warnings: 0xffff, endOfRows: false });
  });

  it('ends rows with 0xfe', () => {
    const payload = payloadOf((out) => writeOk(out, { status: 0x0a }, true));
    expect(payload).toEqual(hex('fe 00 00 0a00 0000'));
    expect(readOk(payload).endOfRows).toBe(true);
    expect(() => readOk(hex('ff'))).toThrow('packet type');
  });
});

describe('ERR', () => {
  it('goes there and back', () => {
    const error = { errno: 1045, sqlState: '28000', message: "Access denied for user 'alice'" };
    const payload = payloadOf((out) => writeErr(out, error));
    expect(payload.subarray(0, 9)).toEqual(hex('ff 1504 23 3238303030'));
    expect(readErr(payload)).toEqual(error);
  });

  it('never sends a SQLSTATE of another form', () => {
    for (const sqlState of ['', '28', 'HY000x', 'HY00é']) {
      expect(readErr(payloadOf((out) => writeErr(out, { errno: 1, sqlState, message: '' }))).sqlState).toBe('HY000');
    }
    expect(() => readErr(hex('ff0100'))).toThrow('marker');
  });
});

describe('EOF', () => {
  it('goes there and back', () => {
    const payload = payloadOf((out) => writeEof(out, { warnings: 1, status: 0x0a }));
    expect(payload).toEqual(hex('fe 0100 0a00'));
    expect(readEof(payload)).toEqual({ warnings: 1, status: 0x0a });
    expect(() => readEof(hex('00'))).toThrow('packet type');
  });
});

describe('commands with text', () => {
  it('go there and back', () => {
    const payload = payloadOf((out) => writeCommandText(out, command.query, "select 'ä'"));
    expect(payload[0]).toBe(3);
    expect(readCommandText(payload)).toBe("select 'ä'");
    expect(readCommandText(hex('02'))).toBe('');
  });

  it.each(['03 73656c656374 ff', '03 c3', '03 61626364656667 eda080 61', '03 80'])(
    'refuse what is no UTF-8: %s',
    (text) => {
      expect(() => readCommandText(hex(text))).toThrow('Invalid utf8mb4 character string');
    },
  );

  it('have names', () => {
    expect(commandName(3)).toBe('COM_QUERY');
    expect(commandName(254)).toBe('command 254');
  });
});

describe('COM_SET_OPTION', () => {
  it('goes there and back', () => {
    const payload = payloadOf((out) => writeSetOption(out, 1));
    expect(payload).toEqual(hex('1b0100'));
    expect(readSetOption(payload)).toBe(1);
    expect(() => readSetOption(hex('1b01'))).toThrow("can't read option");
  });
});

describe('COM_STMT_CLOSE and COM_STMT_RESET', () => {
  it('carry a statement number', () => {
    const payload = payloadOf((out) => writeStatementId(out, command.stmtClose, 0x01020304));
    expect(payload).toEqual(hex('1904030201'));
    expect(readStatementId(payload)).toBe(0x01020304);
    expect(() => readStatementId(hex('19040302'))).toThrow('statement ID');
  });
});

describe('COM_STMT_SEND_LONG_DATA', () => {
  it('goes there and back', () => {
    const piece = { statementId: 1, parameter: 2, data: hex('00ff') };
    const payload = payloadOf((out) => writeLongData(out, piece));
    expect(payload).toEqual(hex('18 01000000 0200 00ff'));
    expect(readLongData(payload)).toEqual(piece);
    expect(() => readLongData(hex('180100000002'))).toThrow('parameter number');
  });
});

describe('COM_STMT_PREPARE_OK', () => {
  it('goes there and back', () => {
    const ok = { statementId: 1, columns: 2, parameters: 3, warnings: 4 };
    const payload = payloadOf((out) => writeStmtPrepareOk(out, ok));
    expect(payload).toEqual(hex('00 01000000 0200 0300 00 0400'));
    expect(readStmtPrepareOk(payload)).toEqual(ok);
    expect(() => readStmtPrepareOk(hex('ff'))).toThrow('packet type');
  });
});

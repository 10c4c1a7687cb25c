import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Applies the draft of DIR and kills itself instead of the COUNTth rename after that has begun. */
const [dir, count] = process.argv.slice(2);
if (dir === undefined || count === undefined) throw new Error('usage: apply-child DIR COUNT');
const { systemClock } = await import('../../../src-main/domain/kernel');
const { openDocument } = await import('../../../src-main/services/document/open-document');
const document = await openDocument(dir, { unlocker: { kind: 'key-file' }, clock: systemClock, watch: false });
const { rename } = fsp;
let left = Number(count);
fsp.rename = (from, to) => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  return rename(from, to);
};
syncBuiltinESMExports();
await document.apply('from a child');
await document.close();

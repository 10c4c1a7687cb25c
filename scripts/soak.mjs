// `npm run soak -- [MINUTES]`: good and hostile clients at a gateway and a tablet for 10 minutes, or as many as are given.
//
// Over the second half memory may grow by less than 1 MiB a minute and open files not at all. Prints what was held and a
// verdict; ends with 1 when a bar is missed, a good client is not served or a fault is left uncaught.
import { spawnSync } from 'node:child_process';
import { bundle, root, withMysql9 } from './bundle.mjs';

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) {
  console.error('usage: npm run soak -- [MINUTES]');
  process.exit(2);
}
const at = await bundle('soak', { soak: 'tests/soak/soak.ts', server: 'tests/soak/server.ts' });
const { status } = spawnSync(process.execPath, ['--enable-source-maps', at('soak'), String(minutes)], {
  cwd: root,
  env: withMysql9(),
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../out/cli/gatehouse.js', import.meta.url);
if (!existsSync(fileURLToPath(program))) {
  process.stderr.write('gatehouse: not built yet; run `npm run build:cli` in its folder.\n');
  process.exit(3);
}
const { main } = await import(program.href);
await main(process.argv);

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAclFile } from '../../domain/acl';
import { flagsOf } from '../../domain/exports';
import { defaultFidelity } from '../../domain/fidelity/fidelity';
import { GatehouseError, systemClock } from '../../domain/kernel';
import { readTopology } from '../../domain/topology';
import { buildWorkspace, readRecipe, type Recipe } from '../../domain/workspace';
import { median, timed, type Measurement } from './figure';

const run = promisify(execFile);

/** Certificates, users, ACL and flags of `shop` from nothing, in this process; beside openssl making the same certificates. */
export async function measureMakingFiles(samples: string): Promise<Measurement[]> {
  const folder = join(samples, 'shop');
  const { recipe } = readRecipe(await readFile(join(folder, 'sample.json')), 'sample.json');
  const { topology } = readTopology(await readFile(join(folder, 'gatehouse.json')), 'gatehouse.json');
  const acl = await readFile(join(folder, 'acl.json'));
  if (recipe === null || topology === null)
    throw new GatehouseError({ code: 'sample.faulty', summary: 'The sample shop has faults.' });
  const make = (): void => {
    buildWorkspace(recipe, { clock: systemClock });
    parseAclFile(acl, { file: 'acl.json', fidelity: defaultFidelity });
    flagsOf(topology, (path) => path);
  };
  for (let round = 0; round < 5; round += 1) make();
  const times: number[] = [];
  for (let round = 0; round < 15; round += 1) times.push(await timed(make));
  const count = recipe.authorities.length + recipe.certificates.length;
  const openssl = await timeOpenssl(recipe).catch(() => null);
  return [
    {
      name: 'certificates, users, ACL and flags of shop',
      value: median(times),
      unit: 'ms',
      bar: 25,
      better: 'less',
      peer: openssl === null ? null : { name: `openssl, the same ${count} certificates`, value: openssl },
      detail: `${count} certificates with keys, one CRL`,
    },
  ];
}

/** Milliseconds openssl needs for as many keys and certificates: one key, one request and one signature each. */
async function timeOpenssl(recipe: Recipe): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-openssl-'));
  try {
    const at = (name: string): string => join(folder, name);
    await writeFile(at('ca.ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n');
    await writeFile(at('leaf.ext'), 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n');
    const key = (id: string): Promise<unknown> =>
      run('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at(`${id}.key`)]);
    const sign = async (id: string, name: string, issuer: string | null, extensions: string): Promise<void> => {
      await key(id);
      await run('openssl', [
        'req',
        '-new',
        '-key',
        at(`${id}.key`),
        '-subj',
        `/CN=${name.replaceAll('/', ' ')}`,
        '-out',
        at(`${id}.csr`),
      ]);
      const signer =
        issuer === null
          ? ['-signkey', at(`${id}.key`)]
          : ['-CA', at(`${issuer}.pem`), '-CAkey', at(`${issuer}.key`), '-CAcreateserial'];
      await run('openssl', [
        'x509',
        '-req',
        '-in',
        at(`${id}.csr`),
        '-days',
        '365',
        '-extfile',
        at(extensions),
        ...signer,
        '-out',
        at(`${id}.pem`),
      ]);
    };
    return await timed(async () => {
      for (const item of recipe.authorities)
        await sign(`a-${item.id}`, item.commonName, item.issuer === null ? null : `a-${item.issuer}`, 'ca.ext');
      for (const item of recipe.certificates)
        await sign(`c-${item.authority}-${item.id}`, item.commonName, `a-${item.authority}`, 'leaf.ext');
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

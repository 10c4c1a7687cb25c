import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TourStepId, TourTestId } from '../../contract/areas/tour';
import { GatehouseError, type Clock } from '../../domain/kernel';
import { buildWorkspace, readRecipe } from '../../domain/workspace';
import { writeFileAtomic } from '../../servers/store';

/** The parts of gatehouse.json as the sample writes them; what the tour puts in step by step. */
interface SampleTopology {
  readonly [key: string]: unknown;
  readonly keyspaces: readonly unknown[];
  readonly backends: readonly unknown[];
  readonly tablets: readonly { readonly acl?: unknown; readonly [key: string]: unknown }[];
  readonly gateways: readonly { readonly name: string; readonly [key: string]: unknown }[];
}

/** Tests of the sample that the tour runs. */
export const tourTests: Readonly<Record<TourTestId, string>> = {
  'client-1': 'reference/admission/step 1: client 1 over mutual TLS/vtgate client 1/grpc-mutual-tls/right',
  'client-2': 'reference/admission/step 2: client 2 over mutual TLS/vtgate client 2/grpc-mutual-tls/right',
  'no-certificate': 'reference/admission/no certificate where one is demanded/vtgate client 1/grpc-tls/right',
  claimed: 'reference/admission/step 4: claims client 1/claims client 1/grpc-plain/right',
};

/** Files of pki/ that the tour's certificates are about. */
export const client1 = 'pki/vtgate-client/client-1-cert.pem';

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * gatehouse.json of the reference sample with only what the steps `done` have brought; `user` adds the gateway for MySQL
 * users. Pure.
 */
export function topologyAfter(
  sample: SampleTopology,
  name: string,
  done: ReadonlySet<TourStepId>,
  user: boolean,
): string {
  const has = (step: TourStepId): boolean => done.has(step);
  const noAcl = ({ acl: _acl, ...tablet }: SampleTopology['tablets'][number]): unknown => tablet;
  const mysqlGateway = {
    ...sample.gateways[0],
    name: 'mysql-users',
    grpc: undefined,
    mysql: {
      auth: 'static',
      usersFile: 'users.json',
      tls: { cert: 'pki/vtgate-server/instance-cert.pem', key: 'pki/vtgate-server/instance-key.pem' },
      requireSecureTransport: true,
    },
  };
  return text({
    ...sample,
    name,
    keyspaces: has('backend') ? sample.keyspaces : [],
    backends: has('backend') ? sample.backends : [],
    tablets: has('trust') ? (has('guard') ? sample.tablets : sample.tablets.map(noAcl)) : [],
    // Claimed names get gateways of their own, so that the first one keeps its protection.
    gateways: has('trust')
      ? [
          ...sample.gateways.filter(({ name: gateway }) => has('callers') || gateway === 'mutual-tls'),
          ...(user ? [mysqlGateway] : []),
        ]
      : [],
  });
}

/** The reference sample as the tour takes it apart. */
export class TourSample {
  readonly #folder: string;

  constructor(samplesDir: string) {
    this.#folder = join(samplesDir, 'reference');
  }

  /** Writes into `dir` what the steps `done` bring to the topology. */
  async writeTopology(dir: string, done: ReadonlySet<TourStepId>, user: boolean): Promise<void> {
    const sample = JSON.parse(await readFile(join(this.#folder, 'gatehouse.json'), 'utf8')) as SampleTopology;
    const present = JSON.parse(await readFile(join(dir, 'gatehouse.json'), 'utf8')) as { readonly name: string };
    await writeFileAtomic(join(dir, 'gatehouse.json'), topologyAfter(sample, present.name, done, user), 0o644);
  }

  /** Copies a file of the sample into `dir`. */
  async copy(dir: string, path: string): Promise<void> {
    await writeFileAtomic(join(dir, path), await readFile(join(this.#folder, path)), 0o644);
  }

  /** An empty users file, for the user that is added next. */
  async writeNoUsers(dir: string): Promise<void> {
    await writeFileAtomic(join(dir, 'users.json'), '{}\n', 0o600);
  }

  /** Makes the sample's authorities and certificates in `dir`; returns their paths. */
  async makeCertificates(dir: string, clock: Clock): Promise<string[]> {
    const { recipe } = readRecipe(await readFile(join(this.#folder, 'sample.json')), 'sample.json');
    if (recipe === null)
      throw new GatehouseError({
        code: 'sample.faulty',
        summary: 'The sample “reference” of this installation has faults.',
      });
    const built = buildWorkspace(recipe, { clock });
    await Promise.all(built.files.map((file) => writeFileAtomic(join(dir, file.path), file.content, file.mode)));
    return built.files.map(({ path }) => path);
  }
}

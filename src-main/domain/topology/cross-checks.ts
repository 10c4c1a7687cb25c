import type { Finding, JsonPlace } from '../kernel';
import type { Backend, Gateway, Keyspace, Listen, ServerTls, Tablet } from './topology';

/** A part of the topology with its place in the file. */
export type Placed<T> = T & { readonly place: JsonPlace };

/** What one field alone cannot show: names used twice, references to nothing, settings that contradict each other. */
export function crossChecks(
  read: {
    readonly keyspaces: readonly Placed<Keyspace>[];
    readonly backends: readonly Backend[];
    readonly tablets: readonly Placed<Tablet>[];
    readonly gateways: readonly Placed<Gateway>[];
  },
  file: string,
): Finding[] {
  const findings: Finding[] = [];
  const note = (code: string, place: JsonPlace, message: string, remedy: string): void => {
    findings.push({
      code: `topology.${code}`,
      level: 'error',
      file,
      line: place.line,
      column: place.column,
      message,
      remedy,
    });
  };
  const twice = (what: string, names: readonly { readonly id: string; readonly place: JsonPlace }[]): void => {
    const seen = new Set<string>();
    for (const { id, place } of names) {
      if (seen.has(id))
        note('duplicate-name', place, `two ${what} are called "${id}"`, 'Give one of them another name.');
      seen.add(id);
    }
  };
  twice(
    'gateways',
    read.gateways.map((item) => ({ id: item.name, place: item.place })),
  );
  twice(
    'tablets',
    read.tablets.map((item) => ({ id: item.alias, place: item.place })),
  );
  twice(
    'keyspaces',
    read.keyspaces.map((item) => ({ id: item.name, place: item.place })),
  );
  twice(
    'backends',
    (read.backends as readonly Placed<Backend>[]).map((item) => ({ id: item.name, place: item.place })),
  );
  for (const item of read.tablets) {
    const home = read.keyspaces.find((candidate) => candidate.name === item.keyspace);
    if (home === undefined)
      note(
        'unknown-keyspace',
        item.place,
        `tablet ${item.alias} serves "${item.keyspace}", which is no keyspace here`,
        'Add the keyspace or name another one.',
      );
    else if (!home.shards.includes(item.shard))
      note(
        'unknown-shard',
        item.place,
        `keyspace "${home.name}" has no shard "${item.shard}"`,
        `Name one of: ${home.shards.join(', ')}.`,
      );
    if (!read.backends.some((candidate) => candidate.name === item.backend))
      note(
        'unknown-backend',
        item.place,
        `tablet ${item.alias} uses backend "${item.backend}", which is not here`,
        'Add the backend or name another one.',
      );
    if (item.grpc.authMode === 'static' && item.grpc.usersFile === null)
      note(
        'no-grpc-users',
        item.place,
        `tablet ${item.alias} has static gRPC authentication without a file`,
        'Name the file in grpc.usersFile.',
      );
  }
  for (const item of read.gateways) {
    if (item.mysql === null && item.grpc === null)
      note('deaf-gateway', item.place, `gateway ${item.name} listens to nothing`, 'Give it "mysql", "grpc" or both.');
    if (item.mysql?.auth === 'static' && item.mysql.usersFile === null)
      note(
        'no-users-file',
        item.place,
        `gateway ${item.name} has static authentication without a users file`,
        'Name it in mysql.usersFile.',
      );
    if (item.mysql?.auth === 'clientcert' && item.mysql.tls?.clientCa == null)
      note(
        'no-client-ca',
        item.place,
        `gateway ${item.name} logs callers in by certificate but asks for none`,
        'Set mysql.tls.clientCa (vtgate: no AuthServer name clientcert registered).',
      );
    if (item.grpc?.authMode === 'static' && item.grpc.usersFile === null)
      note(
        'no-grpc-users',
        item.place,
        `gateway ${item.name} has static gRPC authentication without a file`,
        'Name the file in grpc.usersFile.',
      );
  }
  for (const { owner, tls } of listeners(read))
    if (tls.crl !== null && tls.clientCa === null)
      note(
        'crl-without-ca',
        tls.place,
        `${owner} has a CRL but asks for no client certificate`,
        'Set clientCa beside it, or remove crl (24.0.4 refuses to start so).',
      );
  noteSharedPorts(read, note);
  return findings;
}

type Listening = { readonly owner: string; readonly tls: Placed<ServerTls> };

/** Every TLS listener with the words that name it. */
function listeners(read: {
  readonly tablets: readonly Tablet[];
  readonly gateways: readonly Gateway[];
}): readonly Listening[] {
  const all: { readonly owner: string; readonly tls: ServerTls | null | undefined }[] = [
    ...read.gateways.flatMap(({ name: gateway, mysql, grpc }) => [
      { owner: `gateway ${gateway}'s MySQL listener`, tls: mysql?.tls },
      { owner: `gateway ${gateway}'s gRPC listener`, tls: grpc?.tls },
    ]),
    ...read.tablets.map((item) => ({ owner: `tablet ${item.alias}`, tls: item.grpc.tls })),
  ];
  return all.filter((item): item is Listening => item.tls != null);
}

/** Two listeners that want the same address: the second would not start. */
function noteSharedPorts(
  read: { readonly tablets: readonly Placed<Tablet>[]; readonly gateways: readonly Placed<Gateway>[] },
  note: (code: string, place: JsonPlace, message: string, remedy: string) => void,
): void {
  const taken = new Map<string, string>();
  const take = (owner: string, listen: Listen | undefined, place: JsonPlace): void => {
    if (listen === undefined || listen.port === 0) return;
    const address = `${listen.host}:${listen.port}`;
    const first = taken.get(address);
    if (first === undefined) taken.set(address, owner);
    else
      note(
        'port-twice',
        place,
        `${owner} and ${first} listen on ${address}`,
        'Give one of them another port, or 0 for any free one.',
      );
  };
  for (const item of read.gateways) {
    take(`gateway ${item.name} (MySQL)`, item.mysql?.listen, item.place);
    take(`gateway ${item.name} (gRPC)`, item.grpc?.listen, item.place);
  }
  for (const item of read.tablets) take(`tablet ${item.alias}`, item.grpc.listen, item.place);
}

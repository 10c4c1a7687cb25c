import protobuf from 'protobufjs/minimal.js';

/** What reflection needs to know about one .proto file. */
export interface DescribedFile {
  readonly name: string;
  /** The serialised google.protobuf.FileDescriptorProto. */
  readonly bytes: Buffer;
  readonly dependencies: readonly string[];
}

/** Field numbers of google/protobuf/descriptor.proto. */
const FILE = { name: 1, package: 2, dependency: 3, message: 4, enum: 5, service: 6 } as const;
const MESSAGE = { name: 1, field: 2, nested: 3, enum: 4, oneof: 8 } as const;
const NAMED = { name: 1, members: 2 } as const;

/** The length-delimited fields of one message, by number, in order. */
function fieldsOf(bytes: Buffer): Map<number, Buffer[]> {
  const reader = protobuf.Reader.create(bytes);
  const fields = new Map<number, Buffer[]>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) !== 2) {
      reader.skipType(tag & 7);
      continue;
    }
    const list = fields.get(tag >>> 3) ?? [];
    list.push(reader.bytes() as Buffer);
    fields.set(tag >>> 3, list);
  }
  return fields;
}

const texts = (fields: Map<number, Buffer[]>, number: number): string[] =>
  (fields.get(number) ?? []).map((bytes) => bytes.toString('utf8'));

/** Every full name that a file declares is put into `into`. */
function collectSymbols(file: Map<number, Buffer[]>, into: (symbol: string) => void): void {
  const scope = texts(file, FILE.package)[0] ?? '';
  const join = (outer: string, name: string | undefined): string => (outer === '' ? (name ?? '') : `${outer}.${name}`);
  /** Values of an enum are siblings of the enum, methods of a service belong to it. */
  const named = (bytes: Buffer, outer: string, membersInside: boolean): void => {
    const fields = fieldsOf(bytes);
    const own = join(outer, texts(fields, NAMED.name)[0]);
    into(own);
    for (const member of fields.get(NAMED.members) ?? [])
      into(join(membersInside ? own : outer, texts(fieldsOf(member), NAMED.name)[0]));
  };
  const message = (bytes: Buffer, outer: string): void => {
    const fields = fieldsOf(bytes);
    const own = join(outer, texts(fields, MESSAGE.name)[0]);
    into(own);
    for (const kind of [MESSAGE.field, MESSAGE.oneof])
      for (const member of fields.get(kind) ?? []) into(join(own, texts(fieldsOf(member), NAMED.name)[0]));
    for (const nested of fields.get(MESSAGE.nested) ?? []) message(nested, own);
    for (const nested of fields.get(MESSAGE.enum) ?? []) named(nested, own, false);
  };
  for (const bytes of file.get(FILE.message) ?? []) message(bytes, scope);
  for (const bytes of file.get(FILE.enum) ?? []) named(bytes, scope, false);
  for (const bytes of file.get(FILE.service) ?? []) named(bytes, scope, true);
}

/** Files by name and by the full names they declare. */
export class DescriptorIndex {
  readonly #files = new Map<string, DescribedFile>();
  readonly #symbols = new Map<string, DescribedFile>();

  /** `descriptors`: serialised FileDescriptorProtos in base64, by file name. */
  constructor(descriptors: Readonly<Record<string, string>>) {
    for (const [name, base64] of Object.entries(descriptors)) {
      const bytes = Buffer.from(base64, 'base64');
      const fields = fieldsOf(bytes);
      const file = { name, bytes, dependencies: texts(fields, FILE.dependency) };
      this.#files.set(name, file);
      collectSymbols(fields, (symbol) => this.#symbols.set(symbol, file));
    }
  }

  byName(name: string): DescribedFile | undefined {
    return this.#files.get(name);
  }

  bySymbol(symbol: string): DescribedFile | undefined {
    return this.#symbols.get(symbol);
  }

  /** A file and everything it imports, the file first, none twice. */
  withDependencies(file: DescribedFile): readonly DescribedFile[] {
    const found = new Set<DescribedFile>();
    const visit = (one: DescribedFile | undefined): void => {
      if (one === undefined || found.has(one)) return;
      found.add(one);
      for (const name of one.dependencies) visit(this.#files.get(name));
    };
    visit(file);
    return [...found];
  }
}

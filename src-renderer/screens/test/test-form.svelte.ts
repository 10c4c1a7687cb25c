import type {
  TestCaller,
  TestFaultId,
  TestGateway,
  TestPart,
  TestRequest,
  TransportId,
} from '../../../src-main/contract/areas/test';

export type PasswordKind = TestRequest['password']['kind'];
/** The three ways that stand in the first row, for MySQL or gRPC. */
export type Way = 'plain' | 'tls' | 'mutual' | 'other';

const ways: Readonly<Record<'mysql' | 'grpc', Readonly<Record<Exclude<Way, 'other'>, TransportId>>>> = {
  mysql: { plain: 'mysql-plain', tls: 'mysql-tls-verified', mutual: 'mysql-mutual-tls' },
  grpc: { plain: 'grpc-plain', tls: 'grpc-tls', mutual: 'grpc-mutual-tls' },
};

/** One test as it is being put together. Choosing a caller fills everything in; anything may then be changed. */
export class TestForm {
  callerId = $state('');
  caller = $state('');
  gateway = $state('');
  transport = $state<TransportId>('mysql-tls-verified');
  user = $state('');
  hasUser = $state(false);
  passwordKind = $state<PasswordKind>('saved');
  /** Lives in the field alone: cleared with every choice of another caller. */
  typed = $state('');
  certificate = $state('');
  /** What is wrong on purpose with a copy of the certificate; empty: the certificate itself is shown. */
  fault = $state<TestFaultId | ''>('');
  /** The only TLS version that is offered; empty: both. */
  tlsOnly = $state<'TLSv1.2' | 'TLSv1.3' | ''>('');
  principal = $state('');
  groups = $state('');
  serverName = $state('localhost');
  trust = $state('');
  sql = $state('');

  /** Fills in what was never chosen, and lets go of what is no longer there. */
  sync(part: TestPart): void {
    if (!part.callers.some(({ id }) => id === this.callerId)) {
      const [first] = part.callers;
      if (first !== undefined) this.pick(first, part);
    }
    if (this.sql === '') this.sql = part.statements[0]?.sql ?? 'select 1';
  }

  pick(caller: TestCaller, part: TestPart): void {
    this.callerId = caller.id;
    this.caller = caller.name;
    this.gateway = caller.gateway;
    this.transport = caller.transports[0] ?? 'mysql-tls-verified';
    this.hasUser = caller.user !== null;
    this.user = caller.user ?? '';
    this.passwordKind = caller.password === 'typed' ? 'typed' : 'saved';
    this.typed = '';
    this.certificate = caller.certificate ?? '';
    this.fault = '';
    this.tlsOnly = '';
    this.principal = caller.claimed?.principal ?? '';
    this.groups = caller.claimed?.groups.join(', ') ?? '';
    this.serverName = part.defaultName;
    this.trust = part.defaultTrust ?? '';
  }

  get protocol(): 'mysql' | 'grpc' {
    return this.transport.startsWith('grpc-') ? 'grpc' : 'mysql';
  }
  get way(): Way {
    const own = ways[this.protocol];
    return (['plain', 'tls', 'mutual'] as const).find((way) => own[way] === this.transport) ?? 'other';
  }
  set way(way: Way) {
    if (way !== 'other') this.transport = ways[this.protocol][way];
  }
  transportOf(way: Exclude<Way, 'other'>): TransportId {
    return ways[this.protocol][way];
  }
  get mutual(): boolean {
    return this.transport.endsWith('mutual-tls');
  }
  get usesTls(): boolean {
    return !['mysql-plain', 'mysql-unix', 'grpc-plain'].includes(this.transport);
  }
  get verifies(): boolean {
    return !['mysql-plain', 'mysql-tls', 'mysql-unix', 'grpc-plain'].includes(this.transport);
  }

  /** What is missing, as a key of the texts; null: it can be run. */
  get missing(): 'missingStatement' | 'missingCertificate' | null {
    if (this.sql.trim() === '') return 'missingStatement';
    return this.mutual && this.certificate === '' ? 'missingCertificate' : null;
  }

  /** What goes to the program. */
  request(): TestRequest {
    const { passwordKind } = this;
    return {
      caller: this.caller || this.user || 'nobody',
      gateway: this.gateway,
      user: this.hasUser ? this.user : null,
      password: passwordKind === 'typed' ? { kind: 'typed', text: this.typed } : { kind: passwordKind },
      certificate: this.certificate === '' ? null : this.certificate,
      claimed:
        this.principal === ''
          ? null
          : {
              principal: this.principal,
              groups: this.groups
                .split(',')
                .map((group) => group.trim())
                .filter((group) => group !== ''),
            },
      transport: this.transport,
      serverName: this.serverName,
      trust: this.trust === '' ? null : this.trust,
      ...(this.fault === '' || this.certificate === '' ? {} : { fault: this.fault }),
      ...(this.tlsOnly === '' ? {} : { tlsOnly: this.tlsOnly }),
      sql: this.sql,
    };
  }

  /** Takes over what a trace was made of, as far as the choices know it. */
  follow(
    trace: { readonly caller: string; readonly gateway: string; readonly transport: TransportId; readonly sql: string },
    part: TestPart | null,
  ): void {
    const caller = part?.callers.find(({ name, gateway }) => name === trace.caller && gateway === trace.gateway);
    if (part !== null && caller !== undefined && caller.id !== this.callerId) this.pick(caller, part);
    this.transport = trace.transport;
    this.sql = trace.sql;
  }

  /** Another try of the same test, as a remedy proposes it. */
  change(change: {
    readonly transport?: TransportId | undefined;
    readonly user?: string | undefined;
    readonly serverName?: string | undefined;
    readonly trust?: string | undefined;
    readonly fault?: null | undefined;
  }): void {
    if (change.fault === null) this.fault = '';
    if (change.transport !== undefined) this.transport = change.transport;
    if (change.user !== undefined) {
      this.user = change.user;
      this.hasUser = true;
    }
    if (change.serverName !== undefined) this.serverName = change.serverName;
    if (change.trust !== undefined) this.trust = change.trust;
  }
}

/** Whether a gateway listens for a transport at all. */
export const offers = (gateway: TestGateway | undefined, transport: TransportId): boolean =>
  gateway?.transports.includes(transport) ?? false;

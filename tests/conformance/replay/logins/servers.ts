import type { TraceStep } from '../../../../src-main/servers/recorder';
import type { ReplaySettings } from '../outcome';
import type { Ground } from '../vtgate/ground';
import type { TabletGround } from '../vtgate/tablet';
import { startVtgate, type RefusedStart, type RunningVtgate } from '../vtgate/vtgate';
import type { LoginsRecording } from './recorded';

/** A PEM block that says CRL and is none. */
const garbage = '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n';

/** What all cases of one recording share: certificates, tablet, users, and the servers started so far. */
export class Servers {
  readonly #running = new Map<string, Promise<RunningVtgate | RefusedStart>>();
  readonly #files: { readonly [placeholder: string]: string };
  #refusals: TraceStep[] = [];

  constructor(
    private readonly recording: LoginsRecording,
    readonly ground: Ground,
    readonly tablet: TabletGround,
    private readonly settings: ReplaySettings,
  ) {
    this.#files = {
      '{certs}': ground.certs,
      '{users}': ground.write(JSON.stringify(recording.users)),
      '{garbage}': ground.write(garbage),
    };
    tablet.recorder.subscribe((step) => {
      if (step.name === 'mysql.tls' && step.outcome === 'refused') this.#refusals.push(step);
    });
  }

  /** The refused handshake since the last time this was asked, or null. */
  refusal(): TraceStep | null {
    return this.#refusals.splice(0).at(-1) ?? null;
  }

  /** A vtgate of its own; `files`: placeholders beside those that all have. */
  start(
    flags: readonly string[],
    files: { readonly [placeholder: string]: string } = {},
  ): Promise<RunningVtgate | RefusedStart> {
    return startVtgate(flags, {
      resolve: (placeholder) => files[placeholder] ?? this.#files[placeholder] ?? placeholder,
      fidelity: this.settings.fidelity,
      tabletPort: this.tablet.tablet.address.port,
      recorder: this.tablet.recorder,
      socketPath: this.ground.fresh('sock'),
    });
  }

  /** A server of the recording, started once. Rejects when it does not start. */
  async named(name: string): Promise<RunningVtgate> {
    let running = this.#running.get(name);
    if (running === undefined) {
      running = this.start(this.recording.servers[name] ?? []);
      this.#running.set(name, running);
    }
    const started = await running;
    if (started.start === 'refused') throw new Error(`${name} does not start: ${started.reason}`);
    return started;
  }

  /** The first user of the recording with a password in clear. */
  get anyUser(): string {
    const name = Object.keys(this.#users).find((user) => user !== '' && this.passwordOf(user) !== '');
    if (name === undefined) throw new Error('no user of the recording has a password');
    return name;
  }

  /** Password in clear of a user's first entry; '' if it has none. */
  passwordOf(user: string): string {
    return this.#users[user]?.[0]?.Password ?? '';
  }

  get #users() {
    return this.recording.users as { readonly [name: string]: readonly { readonly Password?: string }[] | null };
  }

  asksForCertificates(name: string): boolean {
    return (this.recording.servers[name] ?? []).some((flag) => flag.startsWith('--mysql-server-ssl-ca='));
  }

  async stop(): Promise<void> {
    for (const running of this.#running.values()) {
      const started = await running;
      if (started.start === 'ok') await started.stop();
    }
  }
}

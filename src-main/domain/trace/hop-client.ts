import { clientLogin } from './client-login';
import { clientTls } from './client-tls';
import { between, numberIn, textIn, type TraceFacts } from './input';
import { code, rich, type Rich } from './rich';
import type { Hop, Protection, Step } from './trace';

/** Hop A with what the head of the trace needs to know of it. */
export interface ClientHop {
  readonly hop: Hop;
  readonly protection: Protection;
  /** Who refused the TLS handshake; null: it did not fail. */
  readonly refusedBy: 'client' | 'server' | null;
}

function connecting(facts: TraceFacts): Step {
  const { attempt, cell, gateway } = facts;
  const connected = facts.client('connected');
  if (connected !== undefined) {
    const socket = textIn(connected, 'socket') || textIn(connected, 'socketPath');
    const listener = textIn(connected, 'listener');
    const details =
      listener === '' ? [] : [rich`A listener at ${code(listener)} stands between and passes everything on`];
    const text =
      socket === ''
        ? rich`TCP to ${textIn(connected, 'host')}:${String(numberIn(connected, 'port') ?? '')}`
        : rich`Unix socket ${code(socket)}`;
    const milliseconds = between(facts.startedAt.getTime() * 1000, connected.atMicros);
    return { mark: 'passed', text, details, side: 'client', milliseconds };
  }
  const way = cell.transport === 'mysql-unix' ? 'Unix socket' : cell.transport.startsWith('grpc-') ? 'gRPC' : 'MySQL';
  return {
    mark: 'failed',
    text: rich`${way} port of gateway ${gateway?.name ?? cell.caller.gateway}: ${code(attempt.failure ?? 'no answer')}`,
    details: [],
    side: 'client',
    milliseconds: null,
  };
}

function greeting(facts: TraceFacts): Step | null {
  const step = facts.client('mysql.greeting');
  if (step === undefined) return null;
  const tls = step.data['offersTls'] === true ? 'with TLS' : 'without TLS';
  const flags = numberIn(step, 'capabilities');
  return {
    mark: 'passed',
    text: rich`Greeting: protocol 10, ${code(textIn(step, 'serverVersion'))}, offers ${code(textIn(step, 'method'))}, ${tls}`,
    details: [...(flags === null ? [] : [rich`Capabilities ${code(`0x${flags.toString(16).padStart(8, '0')}`)}`])],
    side: 'client',
    milliseconds: between(facts.client('connected')?.atMicros, step.atMicros),
  };
}

function summaryOf(facts: TraceFacts, protection: Protection): Rich {
  const handshake = facts.client('tls.handshake');
  const version = textIn(handshake, 'version').replace(/^TLSv/, 'TLS ');
  const checked = handshake?.data['serverVerified'] === true;
  switch (protection) {
    case 'mutual-tls':
      return checked ? rich`${version}, each side checked the other` : rich`${version}, only the gateway checked`;
    case 'tls':
      return checked ? rich`${version}, gateway checked` : rich`${version}, nobody was checked`;
    case 'plain':
      return rich`not encrypted`;
    case 'socket':
      return rich`Unix socket`;
    case 'unknown':
      return rich``;
  }
}

/** Hop A: from the first byte to the answer to the sign-in. */
export function clientHop(facts: TraceFacts): ClientHop {
  const tls = clientTls(facts);
  const login = clientLogin(facts);
  const greeted = greeting(facts);
  const steps = [connecting(facts), greeted, tls?.step ?? null, login?.step ?? null].filter((step) => step !== null);
  const failed = steps.some(({ mark }) => mark === 'failed');
  const warned = steps.some(({ mark }) => mark === 'warning');
  const protection = tls?.protection ?? 'unknown';
  const { attempt } = facts;
  const remedies = [...(tls?.remedies ?? []), ...(login?.remedies ?? [])];
  const end = facts.client('mysql.login') ?? facts.client('grpc.call-sent') ?? attempt.steps.at(-1);
  const unreachable = facts.client('connected') === undefined;
  return {
    protection,
    refusedBy: tls?.refusedBy ?? null,
    hop: {
      id: 'A',
      title: 'Client to gateway',
      summary: summaryOf(facts, protection),
      mark: failed ? 'failed' : warned ? 'warning' : 'passed',
      milliseconds: between(facts.startedAt.getTime() * 1000, end?.atMicros),
      steps,
      said: login?.said ?? null,
      bothSides: tls?.bothSides ?? null,
      why: unreachable ? [rich`Nothing answers there.`] : (login?.why ?? []),
      remediesTitle: remedies.length === 0 ? null : 'Ways to fix',
      remedies,
    },
  };
}

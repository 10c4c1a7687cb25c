import type { Breakage, TourStepId, TourTestId } from '../../src-main/contract/areas/tour';
import { count } from './plural';

/** Every visible string of the tour. */
export const tour = {
  name: 'Guided tour',
  leave: 'Leave tour',
  resume: 'Continue tour',
  begin: 'Guided Tour',
  progress: (step: number): string => `Step ${step} of 8`,
  small: (step: number): string => `${step} of 8`,
  back: 'Back',
  next: 'Next',
  skip: 'Skip this step',
  undo: 'Undo this step',
  done: 'done',
  skipped: 'skipped',
  current: 'this step',
  working: 'Working',
  again: 'Look again',
  finish: 'Finish',
  required: 'The next steps stand on this one',
  title: {
    backend: 'Choose a backend',
    trust: 'Build trust',
    callers: 'Name the callers',
    guard: 'Guard a table',
    start: 'Start',
    prove: 'Prove it',
    break: 'Break it',
    take: 'Take it along',
  } satisfies Record<TourStepId, string>,
  action: {
    backend: 'Use this MySQL',
    trust: 'Create certificates',
    callers: 'Add MySQL user',
    guard: 'Turn strict mode on',
    start: 'Start cluster',
    prove: 'Run four tests',
    break: 'Break it',
    take: 'Show files and flags',
  } satisfies Record<TourStepId, string>,
  text: {
    backend: [
      'A tablet stands in front of a real MySQL. Gatehouse starts one of its own, with its own data folder; it stops with Gatehouse.',
    ],
    trust: [
      'Ten certificates: one root, four authorities, five parties. The links to and from a gateway get two rails: one for each side that is checked.',
    ],
    callers: [
      'A certificate caller is known by its common name: vtgate client 1. Its DNS names count as groups.',
      'Callers may also sign in with a password. The user myuser1 gets a gateway of its own, and a password made here.',
    ],
    guard: [
      'The table vt_insert_test gets one reader, writer and admin: vtgate client 1. Nobody else is listed, so nobody else gets in, once strict mode is on.',
    ],
    start: ['Gateways and tablet start in this program, in front of a real MySQL. They listen on this computer only.'],
    prove: [
      'Each line is one connection and one statement. It is drawn as far as it got: a filled gate stopped it.',
      'The first is let through. The second is known and not listed. The third never says who it is. The fourth only claims a name.',
    ],
    break: ['One thing at a time is broken for real, applied, and the four tests run again. What changes is marked.'],
    take: [
      'The same files run a real Vitess unchanged: users, table ACL, certificates, and the flags of every process.',
    ],
  } satisfies Record<TourStepId, readonly string[]>,
  why: {
    title: 'Why four authorities?',
    text: 'Each answers one question: who may be a tablet, who may call a tablet, who may be a gateway, who may call a gateway.',
  },
  facts: {
    found: (what: string, path: string): string => `${what} found at ${path}.`,
    certificates: (number: number): string => `${count(number, 'certificate', 'certificates')} made.`,
    user: 'The user myuser1 is in users.json.',
    runs: (gateway: string, protocol: string, address: string): string => `${gateway}: ${protocol} at ${address}`,
  },
  results: {
    heading: 'Four tests',
    none: 'Nothing tested yet',
    noneText: 'The four tests of the tour appear here.',
    asExpected: (number: number): string =>
      number === 4 ? 'Four of four as expected.' : `${number} of four as expected.`,
    changed: (number: number): string =>
      number === 0 ? 'Nothing changed.' : `${count(number, 'test gives', 'tests give')} another result.`,
    how: 'select * from vt_insert_test, tried in four ways over real connections',
    expected: { allowed: 'expected: allowed', denied: 'expected: denied', refused: 'expected: refused' },
    trace: 'Open trace',
    place: {
      A: 'Refused at the gateway',
      B: 'Refused at the gateway',
      C: 'Refused between gateway and tablet',
      D: 'Denied at the tablet',
      E: 'Refused by MySQL',
    },
    insecure: 'Allowed, insecure',
  },
  tests: {
    'client-1': {
      name: 'vtgate client 1',
      over: 'mutual TLS',
      expected: 'allowed',
      why: 'The common name is in the readers of vt_insert_test.',
    },
    'client-2': {
      name: 'vtgate client 2',
      over: 'mutual TLS',
      expected: 'denied',
      why: 'Known, but not listed. Its groups localhost and vtgate client 2 are not listed either.',
    },
    'no-certificate': {
      name: 'no certificate',
      over: 'TLS',
      expected: 'refused',
      why: 'The gateway asks for a certificate. The statement was never read.',
    },
    claimed: {
      name: 'claimed vtgate client 1',
      over: 'no TLS, second gateway',
      expected: 'allowed',
      why: 'Anyone can claim this name. The override is a safety net against mistakes, not protection.',
    },
  } satisfies Record<
    TourTestId,
    { name: string; over: string; expected: 'allowed' | 'denied' | 'refused'; why: string }
  >,
  breakage: {
    expired: {
      action: 'Let the certificate of client 1 expire',
      text: 'The certificate of client 1 ended some weeks ago. The gateway refuses it in the handshake, before any statement is read.',
    },
    'other-authority': {
      action: 'Sign it with another CA',
      text: 'The certificate of client 1 is signed by the authority that says who may call a tablet. The gateway does not ask that one.',
    },
    'not-strict': {
      action: 'Turn strict mode off',
      text: 'The table ACL is no longer enforced: who is not listed gets through all the same. Nothing in the statement’s answer says so.',
    },
  } satisfies Record<Breakage, { action: string; text: string }>,
  mend: 'Mend it',
  isBroken: 'Broken now',
};

import type { FidelityRule } from '../rule';

const test = 'tests/unit/domain/acl/fidelity-rules.test.ts';

/** Where table access checks part between versions and modes (vitess-behaviour §§5.1-5.5). */
export const aclRules: readonly FidelityRule[] = [
  {
    id: 'acl-undetermined-denied',
    title: 'Statements whose tables cannot be determined',
    behaviour: {
      '24.0-recorded': 'CALL, LOAD DATA, DO and their like pass without a question.',
      '24.0.4':
        'Strict mode denies them to everybody but the exempt principal; a dry run counts them as pseudo-denied.',
    },
    source: 'release notes',
    test,
  },
  {
    id: 'acl-undetermined-refused',
    title: 'Statements whose tables cannot be determined, in any version',
    behaviour: {
      vitess: 'The emulated version decides: the recorded tree lets them pass.',
      hardened: 'They are refused in either version, with the words of 24.0.4.',
    },
    source: 'source',
    test,
  },
  {
    id: 'acl-dual-reads-nothing-else',
    title: 'Statements on dual',
    behaviour: {
      '24.0-recorded':
        'A statement whose only FROM table is dual is not asked about, even if its subqueries read other tables.',
      '24.0.4': 'Only a statement that reads nothing but dual is not asked about.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'acl-dual-checked',
    title: 'Statements on dual, in any version',
    behaviour: {
      vitess: 'The emulated version decides: the recorded tree does not ask about subqueries below dual.',
      hardened: 'Subqueries below dual are asked about in either version.',
    },
    source: 'source',
    test,
  },
  {
    id: 'acl-misspelt-key-is-error',
    title: 'Misspelt keys in the ACL file',
    behaviour: {
      vitess: 'A key that Vitess does not know is left out without a word; the check warns.',
      hardened: 'A key that looks like a known one is a fault of level error; what is granted does not change.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'acl-text-as-binary-is-error',
    title: 'Text that happens to be a protobuf',
    behaviour: {
      vitess: 'Two spaces, "P1" or "00" are an ACL without groups; the check warns.',
      hardened: 'Such a file is a fault of level error; what is granted does not change.',
    },
    source: 'measured',
    test,
  },
];

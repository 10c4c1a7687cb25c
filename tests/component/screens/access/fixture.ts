import type { AccessPart, AccessPreview, AclFile, AclFormName, AclGroup } from '../../../../src-main/contract';

/** A name of a list; a caller of one person unless told otherwise. */
export const name = (text: string, more: Partial<AclFormName> = {}): AclFormName => ({
  text,
  line: 7,
  added: false,
  kind: 'caller',
  matches: 1,
  nearest: null,
  ...more,
});

export const group = (named: string, more: Partial<AclGroup> = {}): AclGroup => ({
  name: named,
  line: 3,
  entries: [name('orders', { kind: 'table' }), name('order_%', { kind: 'prefix', matches: 4 })],
  readers: [name('billing'), name('admin')],
  writers: [name('billing')],
  admins: [],
  tables: 5,
  added: false,
  hints: [],
  findings: [],
  ...more,
});

export const aclFile = (more: Partial<AclFile> = {}): AclFile => ({
  path: 'acl.json',
  version: 'v1',
  state: 'text',
  text: '{"table_groups": []}\n',
  form: 'text',
  groups: [group('sales'), group('people', { entries: [name('customers', { kind: 'table' })], tables: 1 })],
  vitess: { accepted: true, message: null },
  findings: [],
  tablets: ['zone1-100'],
  ...more,
});

export const accessPart = (more: Partial<AccessPart> = {}): AccessPart => ({
  tablets: [
    {
      alias: 'zone1-100',
      keyspace: 'shop',
      file: 'acl.json',
      mode: 'strict',
      strict: true,
      dryRun: false,
      enforce: true,
      exempt: '',
      consequence: 'enforced',
      exempts: 'nobody',
    },
  ],
  files: [aclFile()],
  tables: [{ keyspace: 'shop', names: ['customers', 'orders', 'payments'], backend: 'listed', failure: null }],
  principals: [
    { name: 'billing', kind: 'caller' },
    { name: 'reporting', kind: 'caller' },
    { name: 'support', kind: 'group' },
  ],
  claimsAt: [],
  ...more,
});

const same = { rows: ['......', '......'], gains: 0, loses: 0, others: 0 };
export const preview = (more: Partial<AccessPreview> = {}): AccessPreview => ({
  tablet: 'zone1-100',
  vitess: { accepted: true, message: null },
  shows: 'text',
  findings: [],
  callers: [
    { key: 'b', name: 'billing', groups: [], kinds: ['certificate'] },
    { key: 'r', name: 'reporting', groups: ['support'], kinds: ['user'] },
  ],
  tables: [
    { name: 'orders', group: 0 },
    { name: 'payments', group: -1 },
  ],
  groups: ['sales', 'people'],
  cells: ['AADDDD', 'ADDDDD'],
  sinceDraft: same,
  sinceApplied: { rows: ['......', '+.....'], gains: 1, loses: 0, others: 0 },
  ...more,
});

import { expect, test } from 'vitest';
import { aclSettingsFindings, type AclSettings } from '../../../../src-main/domain/acl';
import { load } from './acl-builder';

const acl = load({ table_groups: [{ name: 'sales', table_names_or_prefixes: ['t'], readers: ['a'] }] });
const sound: AclSettings = { strict: true, dryRun: false, exempt: '' };
const place = { file: 'gatehouse.json', line: 3, column: 5 };

test.each<[string, Partial<AclSettings>, typeof acl | null, boolean, string[]]>([
  ['sound', {}, acl, true, []],
  ['an exempt user', { exempt: 'dba' }, acl, true, []],
  ['dry run', { dryRun: true }, acl, true, ['warning dry-run']],
  ['strict off', { strict: false }, acl, true, ['warning strict-off']],
  ['nothing loaded', {}, null, true, ['warning strict-without-acl']],
  [
    'exempt without a file',
    { exempt: 'dba' },
    null,
    false,
    ['warning strict-without-acl', 'warning exempt-without-file'],
  ],
  ['exempt gRPC', { exempt: 'gRPC' }, acl, true, ['error exempt-everybody']],
  ['exempt list', { exempt: 'a,b' }, acl, true, ['warning exempt-list']],
  ['exempt table group', { exempt: 'sales' }, acl, true, ['warning exempt-table-group']],
])('%s', (_name, settings, loaded, fileGiven, wanted) => {
  const findings = aclSettingsFindings({ ...sound, ...settings }, loaded, fileGiven, place);
  expect(findings.map(({ level, code }) => `${level} ${code.slice(4)}`)).toEqual(wanted);
  for (const finding of findings) expect(finding).toMatchObject(place);
});

import type { ResponsibleSetting } from '../../../domain/attacks';
import type { Outcome } from '../../../domain/probes';
import type { Tablet } from '../../../domain/topology';
import type { DecidedTable } from '../../../domain/trace';
import type { TraceStep } from '../../../servers/recorder';
import { fidelityOf, type Workspace } from '../../workspace/load-workspace';
import { aclDoors, asItIs, fileSetting, settingsOf } from '../named-settings';
import { outsideSetting } from '../setting';
import type { FollowedTalk } from './follow';

/** The list of the table ACL that refused, with its line. */
function refusingList(workspace: Workspace, step: TraceStep | undefined): ResponsibleSetting | null {
  const tables = (step?.data['tables'] ?? []) as unknown as readonly DecidedTable[];
  const refused = tables.find(({ granted }) => !granted);
  if (refused === undefined || refused.file === null) return null;
  const { file, table, entry, list } = refused;
  const acl = workspace.acls.get(file);
  const flag = '--table-acl-config';
  const group = acl?.groups.find((one) => one.name === refused.group && one.entries.some(({ text }) => text === entry));
  if (entry === null || list === null || group === undefined)
    return fileSetting(`table ACL: a group for ${table}`, 'none covers it', { file, line: 1 }, null, flag);
  const members = group[list].principals.map(({ text }) => JSON.stringify(text)).join(', ');
  return fileSetting(
    `table group ${group.name || entry}: ${list}`,
    `[${members}]`,
    { file, line: refused.line ?? group.line },
    null,
    flag,
  );
}

/** How the workspace emulates Vitess, as settings; advice where another value stops more. */
function emulation(workspace: Workspace, advise: boolean): ResponsibleSetting[] {
  const setting = settingsOf(workspace);
  const { mode, version } = fidelityOf(workspace, null);
  const found: ResponsibleSetting[] = [];
  if (!advise || (mode === 'vitess' && version === '24.0-recorded'))
    found.push(
      setting(
        {
          path: ['vitess'],
          name: 'vitess',
          ...(advise ? { advice: 'Run Vitess 24.0.4 or later.', change: '24.0.4' } : {}),
        },
        version,
      ),
    );
  if (mode === 'vitess' ? advise : !advise)
    found.push(
      setting(
        {
          path: ['fidelity'],
          name: 'fidelity',
          ...(advise ? { advice: 'Hardened mode asks for what Vitess leaves out.', change: 'hardened' } : {}),
        },
        mode,
      ),
    );
  return found;
}

/** What let it through: the doors of the table ACL, else what the emulated Vitess does not look at. */
export function throughSettings(workspace: Workspace, tablet: Tablet): readonly ResponsibleSetting[] {
  const doors = aclDoors(workspace, tablet);
  return doors.length > 0 ? doors : emulation(workspace, true);
}

/** What stopped it, as it is in force. */
export function stoppingSettings(
  workspace: Workspace,
  tablet: Tablet,
  followed: FollowedTalk,
  outcome: Outcome,
): readonly ResponsibleSetting[] {
  const strict = asItIs(
    settingsOf(workspace)(
      {
        path: ['tablets', workspace.topology.tablets.indexOf(tablet), 'acl', 'strict'],
        name: `tablet ${tablet.alias}: acl.strict`,
        flag: '--queryserver-config-strict-table-acl',
      },
      String(tablet.acl.strict),
    ),
  );
  switch (outcome.stoppedAt) {
    case 'tablet': {
      const rule = followed.recorded.findLast(
        ({ name, outcome: end }) => name === 'rules.decided' && end === 'refused',
      );
      if (rule !== undefined) {
        const { rule: name, description, file, line } = rule.data;
        const place = { file: String(file), line: Number(line ?? 1) };
        return [fileSetting(`query rule ${String(name)}`, String(description), place, null, '--filecustomrules')];
      }
      const refused = followed.recorded.findLast(
        ({ name, outcome: end }) => name === 'acl.decided' && end === 'refused',
      );
      if (refused === undefined)
        return [outsideSetting('statements that vttablet takes', fidelityOf(workspace, null).version, null)];
      const list = refusingList(workspace, refused);
      return list === null ? [strict, ...emulation(workspace, false)] : [list, strict];
    }
    case 'gateway':
      return [outsideSetting('statements that vtgate takes', fidelityOf(workspace, null).version, null)];
    case 'backend':
      return [outsideSetting('what MySQL itself lets the tablet’s user do', 'MySQL', null)];
    default:
      return [];
  }
}

import type { ResponsibleSetting } from '../../domain/attacks';
import type { Gateway, Tablet } from '../../domain/topology';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import { outsideSetting, settingIn, type NamedSetting } from './setting';

/** Names settings of gatehouse.json as they are in force; `written` is what an absent one amounts to. */
export type SettingOf = (setting: NamedSetting, written: string) => ResponsibleSetting;

export const settingsOf = (workspace: Workspace): SettingOf => {
  const text = workspace.files.get('gatehouse.json')?.toString('utf8') ?? '';
  return (setting, written) => settingIn(text, setting, written);
};

/** The same setting as right as it is: for a stopped attack. */
export const asItIs = (setting: ResponsibleSetting): ResponsibleSetting => ({ ...setting, advice: null, edit: null });

/** Settings of a tablet's ACL that let pass what it denies; none where it is enforced for everybody. */
export function aclDoors(workspace: Workspace, tablet: Tablet): readonly ResponsibleSetting[] {
  const setting = settingsOf(workspace);
  const index = workspace.topology.tablets.indexOf(tablet);
  const path = (member: string): (string | number)[] => ['tablets', index, 'acl', member];
  const { file, strict, dryRun, exempt } = tablet.acl;
  const named = (member: string, flag: string): Pick<NamedSetting, 'path' | 'name' | 'flag'> => ({
    path: path(member),
    name: `tablet ${tablet.alias}: acl.${member}`,
    flag,
  });
  const doors: ResponsibleSetting[] = [];
  // Without a file the rest of the ACL's settings decides nothing; but strict without a file denies everybody.
  if (file === null)
    return strict
      ? []
      : [
          setting(
            { ...named('file', '--table-acl-config'), advice: 'Set acl.file, with acl.strict true.' },
            'no table ACL',
          ),
        ];
  if (!strict)
    doors.push(
      setting(
        {
          ...named('strict', '--queryserver-config-strict-table-acl'),
          advice: 'Set acl.strict to true.',
          change: true,
        },
        'false',
      ),
    );
  if (dryRun)
    doors.push(
      setting(
        {
          ...named('dryRun', '--queryserver-config-enable-table-acl-dry-run'),
          advice: 'Set acl.dryRun to false.',
          change: false,
        },
        'true',
      ),
    );
  if (exempt !== '')
    doors.push(
      setting(
        {
          ...named('exempt', '--queryserver-config-acl-exempt-acl'),
          advice: 'Leave acl.exempt empty outside migrations.',
          change: '',
        },
        exempt,
      ),
    );
  return doors;
}

/** The file that a setting refers to, at the line that decided. */
export const fileSetting = (
  name: string,
  value: string,
  place: { readonly file: string; readonly line: number } | null,
  advice: string | null,
  flag: string | null = null,
): ResponsibleSetting => ({ name, value, place, flag, advice, edit: null });

/**
 * How a gateway, or with null the tablets, behaves in this run, and where that is written: at the gateway, else for the
 * whole workspace; a mode that the run was given from outside has no place.
 */
export function fidelitySetting(
  workspace: Workspace,
  gateway: Gateway | null,
  part: string,
  advice: string | null,
): ResponsibleSetting {
  const { mode } = fidelityOf(workspace, gateway);
  if (workspace.overrides.fidelity !== undefined)
    return { ...outsideSetting(`${part}: --fidelity`, mode, advice), flag: null };
  const index = gateway === null ? -1 : workspace.topology.gateways.findIndex(({ name }) => name === gateway.name);
  const own = gateway !== null && gateway.fidelity !== null && index >= 0;
  return settingsOf(workspace)(
    {
      path: own ? ['gateways', index, 'fidelity'] : ['fidelity'],
      name: `${part}: fidelity`,
      ...(advice === null ? {} : { advice }),
    },
    mode,
  );
}

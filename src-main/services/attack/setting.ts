import type { RemedyEdit } from '../../domain/trace';
import type { ResponsibleSetting } from '../../domain/attacks';
import { readJson, type JsonNode } from '../../domain/kernel';

/** A setting as an attack names it. */
export interface NamedSetting {
  /** Members from the top of gatehouse.json; gateways, tablets and the like by position. */
  readonly path: readonly (string | number)[];
  /** For people: `gateway main: mysql.requireSecureTransport`. */
  readonly name: string;
  readonly flag?: string;
  readonly advice?: string;
  /** What one click writes there. */
  readonly change?: string | number | boolean | null;
}

const FILE = 'gatehouse.json';

/**
 * The setting with its value and its line in gatehouse.json as they are in force. A member that is not written down has
 * the line of what would hold it, and its default as value: pass that as `written`.
 */
export function settingIn(text: string, setting: NamedSetting, written: string): ResponsibleSetting {
  const reading = readJson(text);
  let at: JsonNode | null = reading.ok ? reading.root : null;
  let line = at?.line ?? 1;
  for (const step of setting.path) {
    const next: JsonNode | undefined =
      at?.kind === 'object'
        ? at.members.find(({ key }) => key === step)?.value
        : at?.kind === 'array' && typeof step === 'number'
          ? at.items[step]
          : undefined;
    if (next === undefined) {
      at = null;
      break;
    }
    at = next;
    line = next.line;
  }
  const value = at === null || at.kind === 'object' || at.kind === 'array' ? written : text.slice(at.offset, at.end);
  const edit: RemedyEdit | null =
    setting.change === undefined ? null : { kind: 'topology.set', path: [...setting.path], value: setting.change };
  return {
    name: setting.name,
    value,
    place: { file: FILE, line },
    flag: setting.flag ?? null,
    advice: setting.advice ?? null,
    edit,
  };
}

/** A setting of the other side that no file of the workspace holds: what a client does. */
export const outsideSetting = (name: string, value: string, advice: string | null): ResponsibleSetting => ({
  ...{ name, value, advice },
  place: null,
  flag: null,
  edit: null,
});

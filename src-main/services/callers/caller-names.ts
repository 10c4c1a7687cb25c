import { GatehouseError } from '../../domain/kernel';

/** Longest name taken: MySQL's clients send 255 bytes at most, and nobody reads more. */
const LONGEST = 255;
const CONTROL = /[\u0000-\u001f\u007f]/;

function check(what: string, code: string, text: string): void {
  const refuse = (why: string): GatehouseError =>
    new GatehouseError({ code: `callers.${code}`, summary: `${what} ${why}` });
  if (CONTROL.test(text)) throw refuse('has a line break or another control character. Remove it.');
  if (Buffer.byteLength(text) > LONGEST) throw refuse(`is longer than ${LONGEST} bytes. Choose a shorter one.`);
  if (Buffer.from(text).toString() !== text) throw refuse('has half a character in it. Type it again.');
}

/** Refuses a login name that nobody could use (`callers.bad-name`). */
export function checkName(name: string): void {
  if (name === '')
    throw new GatehouseError({
      code: 'callers.bad-name',
      summary: 'The name is empty. Type the name that clients log in with.',
    });
  check('The name', 'bad-name', name);
}

/** Refuses a UserData that cannot be written (`callers.bad-user-data`); the empty one is a finding, not a fault. */
export const checkUserData = (text: string): void => check('UserData', 'bad-user-data', text);

/** Refuses groups that are empty or there twice (`callers.bad-group`). */
export function checkGroups(groups: readonly string[]): void {
  for (const group of groups) {
    if (group === '')
      throw new GatehouseError({ code: 'callers.bad-group', summary: 'A group has no name. Remove it, or type one.' });
    check('A group', 'bad-group', group);
  }
  const twice = groups.find((group, at) => groups.indexOf(group) !== at);
  if (twice !== undefined)
    throw new GatehouseError({ code: 'callers.bad-group', summary: `The group "${twice}" stands twice. Remove one.` });
}

import type { Fidelity } from '../fidelity';
import { Secret, type JsonMember, type JsonNode } from '../kernel';
import { noteText, type TextRules } from './file-findings';
import { FindingNotes, shownName, unknownKeyRemedy } from './finding-notes';
import { foldKey, wrongGoField, wrongGoValue } from './go-decode';
import { scanWhole } from './go-json-scan';
import { decodeAsGo, wellFormed } from './go-text';
import type { GrpcCredentialsReading, GrpcUser, GrpcUsersReading } from './grpc-types';
import type { VitessVerdict } from './types';

/** Options of the gRPC files' readers: the file as findings name it, and the mode. */
export interface GrpcFileOptions {
  readonly file: string;
  readonly fidelity: Fidelity;
}

const keys = ['Username', 'Password'] as const;
type Key = (typeof keys)[number];

const usersText: TextRules = { example: '[{"Username": "name", "Password": "…"}]', trailing: 'refused' };
const credentialsText: TextRules = { example: '{"Username": "name", "Password": "…"}', trailing: 'refused' };

/** One file while it is read: what Go's decoder says first, and what we find. */
class Reading {
  goError: string | null = null;
  unknownKey = false;
  readonly notes: FindingNotes;

  constructor(
    file: string,
    private readonly fidelity: Fidelity,
    /** Go's name of the struct, with its package. */
    private readonly type: string,
  ) {
    this.notes = new FindingNotes(file, 'grpc-users');
  }

  refuse(message: string, node: JsonNode, wanted: string): void {
    this.goError ??= message;
    this.notes.note('error', 'type', node, `${wanted} is needed here`, `Write ${wanted}.`);
  }

  /** The two texts of an object, as encoding/json decodes them; keys that are not known are ignored by Vitess. */
  fields(node: JsonNode): { username: string; password: string; passwordPlace: JsonNode; sound: boolean } {
    const texts: Record<Key, string> = { Username: '', Password: '' };
    let passwordPlace = node;
    if (node.kind !== 'object') {
      if (node.kind === 'null')
        this.notes.note('warning', 'null-entry', node, 'null counts as a user named ""', 'Remove it.');
      else this.refuse(wrongGoValue(node, this.type), node, 'an object with Username and Password');
      return { username: '', password: '', passwordPlace, sound: false };
    }
    const seen = new Set<Key>();
    let sound = true;
    for (const member of node.members) {
      const key = foldKey(keys, member.key);
      if (key === undefined) {
        this.#unknown(member);
        continue;
      }
      if (seen.has(key))
        this.notes.note(
          'warning',
          'duplicate-key',
          member.keyPlace,
          `${key} stands twice, the later one counts`,
          'Keep one.',
        );
      seen.add(key);
      if (member.value.kind === 'string') {
        texts[key] = wellFormed(member.value.value);
        if (key === 'Password') passwordPlace = member.value;
      } else if (member.value.kind !== 'null') {
        sound = false;
        this.refuse(
          wrongGoField(member.value, `${this.type.split('.')[1] ?? ''}.${key}`, 'string'),
          member.value,
          'a text',
        );
      }
    }
    return { username: texts.Username, password: texts.Password, passwordPlace, sound };
  }

  #unknown({ key, keyPlace }: JsonMember): void {
    this.unknownKey = true;
    const hardened = this.fidelity.mode === 'hardened';
    const what = hardened ? 'the file is refused' : 'Vitess ignores it';
    this.notes.note(
      hardened ? 'error' : 'warning',
      'unknown-key',
      keyPlace,
      `${shownName(key)} is no key here, ${what}`,
      unknownKeyRemedy(keys, key),
    );
  }

  /** Whether the file can be used under the mode. */
  get usable(): boolean {
    return this.goError === null && !(this.unknownKey && this.fidelity.mode === 'hardened');
  }
}

/** Go's syntax check and our tree of the file. */
function open(bytes: Uint8Array, reading: Reading, rules: TextRules): JsonNode | null {
  const { text, invalidAt } = decodeAsGo(bytes);
  const root = noteText(text, invalidAt, reading.notes, rules);
  const syntax = scanWhole(bytes);
  if (!syntax.ok) reading.goError = syntax.message;
  else if (root === null) reading.goError = '';
  return root;
}

function verdict(reading: Reading, prefix: string): VitessVerdict {
  const { goError } = reading;
  if (goError === null) return { accepted: true, reloadAccepted: true, message: null, log: [] };
  const message = goError === '' ? null : `${prefix}${goError}`;
  return { accepted: false, reloadAccepted: false, message, log: message === null ? [] : [message] };
}

/**
 * The file of `--grpc-auth-static-password-file` (go/vt/servenv/grpc_server_auth_static.go; vitess-behaviour §1.6): a list
 * of objects with Username and Password, read whole, once. In hardened mode a key that is not known refuses the file
 * (rule grpc-users-unknown-key-refused). Never throws; no message holds a password.
 */
export function parseGrpcUsersFile(bytes: Uint8Array, { file, fidelity }: GrpcFileOptions): GrpcUsersReading {
  const reading = new Reading(file, fidelity, 'servenv.StaticAuthConfigEntry');
  const { notes } = reading;
  const users: GrpcUser[] = [];
  const root = open(bytes, reading, usersText);
  if (root?.kind === 'array')
    for (const item of root.items) {
      const { username, password, passwordPlace, sound } = reading.fields(item);
      users.push({ username, password: password === '' ? null : new Secret(password), line: item.line });
      if (!sound) continue;
      const name = shownName(username);
      if (password === '')
        notes.note(
          'error',
          'no-password',
          passwordPlace,
          `user ${name} has no password: Vitess lets the empty one in`,
          'Add one.',
        );
      else
        notes.note(
          'warning',
          'plaintext-password',
          passwordPlace,
          `the password of ${name} stands in clear`,
          'Keep the file private (0600).',
        );
      if (username === '') notes.note('warning', 'empty-name', item, 'a user has the empty name', 'Name it.');
    }
  else if (root !== null && root.kind !== 'null')
    reading.refuse(wrongGoValue(root, '[]servenv.StaticAuthConfigEntry'), root, 'a list of users');
  if (reading.usable && users.length === 0)
    notes.note('warning', 'no-users', null, 'the file has no users, every call is refused', 'Add a user.');
  return {
    users: reading.usable ? { users } : null,
    vitess: verdict(reading, 'Failed to load auth plugin: fail to load static auth plugin: '),
    findings: notes.sorted,
  };
}

/**
 * The file of `--grpc-auth-static-client-creds` (go/vt/grpcclient/client_auth_static.go; vitess-behaviour §1.8): one
 * object with Username and Password. Hardened mode refuses keys that are not known. Never throws.
 */
export function parseGrpcCredentialsFile(
  bytes: Uint8Array,
  { file, fidelity }: GrpcFileOptions,
): GrpcCredentialsReading {
  const reading = new Reading(file, fidelity, 'grpcclient.StaticAuthClientCreds');
  const { notes } = reading;
  const root = open(bytes, reading, credentialsText);
  let credentials: GrpcCredentialsReading['credentials'] = null;
  if (root !== null) {
    const { username, password, passwordPlace, sound } = reading.fields(root);
    credentials = { username, password: new Secret(password) };
    if (sound && password === '')
      notes.note('error', 'no-password', passwordPlace, 'the credentials have no password', 'Add "Password".');
    if (sound && username === '')
      notes.note('error', 'empty-name', root, 'the credentials have no user name', 'Add "Username".');
  }
  return {
    credentials: reading.usable ? credentials : null,
    vitess: verdict(reading, 'There was an error initializing client grpc.DialOption: '),
    findings: notes.sorted,
  };
}

import type {
  CallersPart,
  CertificateCaller,
  ClaimedCaller,
  GrpcUserCaller,
  UserCaller,
} from '../../../src-main/contract';
import type { AppState } from '../../state/app-state.svelte';
import { callers as text } from '../../text/callers';

/** A caller of any kind, as the list and the pane beside it take it. */
export type AnyCaller =
  | { readonly kind: 'user'; readonly caller: UserCaller }
  | { readonly kind: 'certificate'; readonly caller: CertificateCaller }
  | { readonly kind: 'claimed'; readonly caller: ClaimedCaller }
  | { readonly kind: 'grpcUser'; readonly caller: GrpcUserCaller };

/** One line of the list. */
export interface CallerRow {
  readonly id: string;
  readonly kind: AnyCaller['kind'];
  readonly name: string;
  readonly caption: string;
  /** Something is wrong with it: shown with a mark. */
  readonly attention: boolean;
  readonly reach: number;
  /** Everything the filter looks at, in lower case. */
  readonly words: string;
}

const namesOf = (ways: UserCaller['ways']): string[] => [...new Set(ways.map(({ immediate }) => immediate.username))];

function userRow(caller: UserCaller): CallerRow {
  const names = [...new Set(caller.entries.map(({ userData }) => userData ?? ''))];
  const caption =
    caller.entries.length === 0
      ? text.noEntries
      : caller.entries.length === 1
        ? text.immediate(names)
        : text.entriesOf(caller.entries.length, names);
  const groups = caller.entries.flatMap(({ groups: own }) => own);
  return row(
    'user',
    caller,
    caption,
    caller.notes.some(({ level }) => level !== 'info'),
    [...names, ...groups, caller.file],
  );
}

function row(
  kind: CallerRow['kind'],
  { id, name, reach }: { readonly id: string; readonly name: string; readonly reach: number },
  caption: string,
  attention: boolean,
  words: readonly string[],
): CallerRow {
  return { id, kind, name, caption, attention, reach, words: [name, caption, ...words].join('\n').toLowerCase() };
}

/** Every caller of the part, as rows in the order of the sections. */
export function rowsOf(part: CallersPart): CallerRow[] {
  return [
    ...part.users.map(userRow),
    ...part.certificates.map((caller) => {
      const file = text.strip(caller.file);
      const refused = caller.state === 'refused';
      const past = Date.parse(caller.notAfter) < Date.now();
      const caption = !refused ? text.commonName(file) : past ? text.expired(caller.notAfter) : text.refusedNow(file);
      return row('certificate', caller, caption, refused, [caller.file, ...caller.groups]);
    }),
    ...part.claimed.map((caller) =>
      row('claimed', caller, text.notVerified, true, [...caller.groups, ...caller.tests]),
    ),
    ...part.grpcUsers.map((caller) =>
      row('grpcUser', caller, text.grpcUser, false, [caller.file, ...namesOf(caller.ways)]),
    ),
  ];
}

/** Names an entry with its place. */
export const placeOf = (key: string | null, index: number): string => `${key ?? ''} ${index}`;

/** What the Callers screen has chosen and typed; the callers themselves are in the program's state. */
export class CallersView {
  readonly app: AppState;
  filter = $state('');
  /** The pane shows the form of a new user. */
  creating = $state(false);
  importing = $state(false);
  claiming = $state(false);
  /** The entry that was just moved, as `placeOf` names it: its row takes the focus when it is drawn in its new place. */
  moved: string | null = null;
  /** Text that was dropped on the window, for the import. */
  dropped = $state.raw<File | null>(null);

  constructor(app: AppState) {
    this.app = app;
  }

  get part(): CallersPart | null {
    return this.app.state.callers;
  }

  readonly rows = $derived.by(() => (this.part === null ? [] : rowsOf(this.part)));
  readonly shown = $derived.by(() => {
    const wanted = this.filter.trim().toLowerCase();
    return wanted === '' ? this.rows : this.rows.filter(({ words }) => words.includes(wanted));
  });

  /** Id of the caller on show: the one that was asked for, else the first that the filter leaves. */
  readonly selectedId = $derived.by(() => this.#wanted() ?? this.shown[0]?.id ?? null);

  /** Others ask for a caller by its id or its name, or for whoever stands at a line of a file. */
  #wanted(): string | null {
    const { caller, file, line } = this.app.nav.parameters;
    if (caller !== undefined)
      return (this.rows.find(({ id }) => id === caller) ?? this.rows.find(({ name }) => name === caller))?.id ?? null;
    if (file === undefined) return null;
    const { users = [], certificates = [] } = this.part ?? {};
    const at = Number(line ?? 0);
    const user = users.find((one) => one.file === file && at >= one.lines[0] && at <= one.lines[1]);
    return (user ?? certificates.find((one) => one.file === file))?.id ?? null;
  }

  readonly selected = $derived.by((): AnyCaller | null => {
    const { part, selectedId } = this;
    if (part === null || selectedId === null) return null;
    const is = ({ id }: { readonly id: string }): boolean => id === selectedId;
    const user = part.users.find(is);
    if (user !== undefined) return { kind: 'user', caller: user };
    const certificate = part.certificates.find(is);
    if (certificate !== undefined) return { kind: 'certificate', caller: certificate };
    const claimed = part.claimed.find(is);
    if (claimed !== undefined) return { kind: 'claimed', caller: claimed };
    const grpcUser = part.grpcUsers.find(is);
    return grpcUser === undefined ? null : { kind: 'grpcUser', caller: grpcUser };
  });

  /** Shows one caller; a form that was open in the pane is left. */
  select(id: string): void {
    this.creating = false;
    this.app.nav.note({ caller: id });
  }

  /** Runs an edit of the draft; what was done is said, with undo offered where `undoable`. */
  async edit(work: () => Promise<unknown>, done: string, undoable = false): Promise<boolean> {
    const { app } = this;
    const finished = await app.attempt(async () => {
      await work();
      return true;
    });
    if (finished !== true) return false;
    if (undoable)
      app.notices.tell('info', done, { label: text.undo, run: () => void app.attempt(() => app.call.document.undo()) });
    else app.notices.say(done);
    return true;
  }
}

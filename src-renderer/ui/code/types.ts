/** Something worth attention in the text of an editor. Lines and columns count from 1; line 0: the whole text. */
export interface CodeDiagnostic {
  readonly level: 'error' | 'warning' | 'info';
  readonly line: number;
  readonly column: number;
  /** Where it ends, on the same line; to the end of the word unless told. */
  readonly endColumn?: number | undefined;
  readonly message: string;
  /** One click that mends it. */
  readonly remedy?: { readonly label: string; run(): void } | undefined;
}

/** One thing that can be written at the cursor. */
export interface CodeCompletion {
  readonly label: string;
  readonly detail?: string | undefined;
  /** A longer text beside the list. */
  readonly info?: string | undefined;
  /** What is written, when it is not the label. */
  readonly apply?: string | undefined;
}

/**
 * What can be written at `position` (an offset into `text`), or null. `from` is where the part begins that is replaced.
 * `explicit`: it was asked for with Ctrl+Space.
 */
export type CompletionSource = (
  text: string,
  position: number,
  explicit: boolean,
) => { readonly from: number; readonly options: readonly CodeCompletion[] } | null;

export type CodeLanguage = 'json' | 'text';

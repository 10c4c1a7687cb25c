import { oc } from '@orpc/contract';
import { z } from 'zod';

/** The draft as the window around the screens shows it. */
export const documentPart = z.object({
  revision: z.number(),
  /** Files that differ between draft and applied. */
  changedFiles: z.array(z.string()),
  /** What Undo and Redo would do; null: nothing. */
  undoLabel: z.string().nullable(),
  redoLabel: z.string().nullable(),
  /** How many changes the review would list. */
  changes: z.number(),
});
export type DocumentPart = z.infer<typeof documentPart>;

export const documentContract = {
  undo: oc.input(z.void()).output(z.void()),
  redo: oc.input(z.void()).output(z.void()),
};

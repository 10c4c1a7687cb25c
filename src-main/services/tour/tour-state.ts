import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { breakage, tourResult, tourStepId } from '../../contract/areas/tour';
import { writeFileAtomic } from '../../servers/store';

const tourState = z.object({
  schema: z.literal(1),
  step: tourStepId,
  done: z.array(tourStepId),
  skipped: z.array(tourStepId),
  left: z.boolean(),
  finished: z.boolean(),
  broken: breakage.nullable(),
  results: z.array(tourResult),
});
/** How far the tour of a workspace has come; kept in `.gatehouse/tour.json`. */
export type TourState = z.infer<typeof tourState>;

export const firstState: TourState = {
  schema: 1,
  step: 'backend',
  done: [],
  skipped: [],
  left: false,
  finished: false,
  broken: null,
  results: [],
};

const fileOf = (dir: string): string => join(dir, '.gatehouse', 'tour.json');

/** The tour of the workspace in `dir`; null: it has none, or what is kept of it cannot be read. */
export async function readTourState(dir: string): Promise<TourState | null> {
  const text = await readFile(fileOf(dir), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return tourState.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export const writeTourState = (dir: string, state: TourState): Promise<void> =>
  writeFileAtomic(fileOf(dir), `${JSON.stringify(state)}\n`, 0o600);

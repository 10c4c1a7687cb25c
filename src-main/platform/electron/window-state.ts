import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../servers/store';

const state = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(480),
  height: z.number().int().min(360),
  maximized: z.boolean(),
  fullScreen: z.boolean(),
});
export type WindowState = z.infer<typeof state>;

/** A rectangle of a screen. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How much of a window must lie on a screen for it to be found again. */
const VISIBLE = 80;

/** The place of the window at its last end; null when there is none or its screen is gone. */
export function readWindowState(file: string, screens: readonly Area[]): WindowState | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
  const read = state.safeParse(value);
  if (!read.success) return null;
  const { x, y, width } = read.data;
  const seen = screens.some(
    (area) =>
      x + width >= area.x + VISIBLE &&
      x <= area.x + area.width - VISIBLE &&
      y >= area.y &&
      y <= area.y + area.height - VISIBLE,
  );
  return seen ? read.data : null;
}

/** Keeps the place of the window for the next start. */
export async function writeWindowState(file: string, place: WindowState): Promise<void> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await writeFileAtomic(file, `${JSON.stringify(place)}\n`, 0o600);
}

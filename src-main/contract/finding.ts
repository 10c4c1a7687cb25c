import { z } from 'zod';

/** Something worth attention in a file, with its place (1-based; 0: the whole file) and what to do about it. */
export const finding = z.object({
  code: z.string(),
  level: z.enum(['error', 'warning', 'info']),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  message: z.string(),
  remedy: z.string(),
});
export type FindingData = z.infer<typeof finding>;

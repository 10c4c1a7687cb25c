import { z } from 'zod';

/** A failure as it crosses to the page: a code for programs, a sentence for people, a detail for the log. */
export const failure = z.object({
  code: z.string(),
  summary: z.string(),
  detail: z.string().optional(),
});
export type FailureData = z.infer<typeof failure>;

export { FAILURE } from './words';

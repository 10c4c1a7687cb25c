import type { ExplainedErrorData } from '../../contract/areas/test';
import { errorStageWord, explainError } from '../../domain/errors';

/** What an error text means, with the words for where it arose. Secrets in it are masked before anything else. */
export function explainText(text: string): ExplainedErrorData {
  const explained = explainError(text);
  return { ...explained, known: explained.known.map((one) => ({ ...one, stageWord: errorStageWord(one.stage) })) };
}

export { errorCatalogue } from './catalogue';
export type { ErrorEntry, Printer } from './entry';
export {
  errorStageWord,
  explainError,
  MOST_ERROR_CHARACTERS,
  type ErrorStage,
  type ExplainedError,
  type KnownError,
} from './explain-error';
export type { ErrorLayer } from './layers';
export { maskSecrets } from './mask';

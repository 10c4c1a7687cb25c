export { plain, type Change, type ChangeArea, type FileContents, type Sentence, type SentencePart } from './change';
export * from './describe-changes';

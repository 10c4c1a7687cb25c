export type { DecidedTable } from './hop-access';
export { clientRefusal } from './handshake';
export { buildTrace, proofOf } from './build-trace';
export type { AttemptFacts, RecordedStep, TraceInput, TraceWorld } from './input';
export type * from './remedy';
export { traceJson, traceReport, reportHead } from './report';
export { plainText, type Rich, type Span } from './rich';
export { bindingIn, shownVerdict, type Binding, type ShownVerdict } from './shown-verdict';
export {
  hopIds,
  type BothSides,
  type Hop,
  type HopId,
  type Mark,
  type Protection,
  type Step,
  type Trace,
} from './trace';
export { compareTraces, type ComparedLine, type ComparedRow, type ComparedSide, type Comparison } from './compare';
export { wireView, type WireExcerpt, type WireView } from './wire';
export { transportPhrase, transportWord } from './words';
export { whyCell, type CellGround, type CellWhy } from './why-cell';

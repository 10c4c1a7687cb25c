import { getContext, hasContext, setContext } from 'svelte';

/** What a Field tells the control inside it. */
export interface FieldContext {
  /** Of the control. */
  readonly id: string;
  /** Of the label, for controls that no `<label for>` can name. */
  readonly labelId: string;
  /** Ids of hint and error, or undefined. */
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly required: boolean;
}

const key = Symbol('field');

export function provideField(context: FieldContext): void {
  setContext(key, context);
}

/** The Field around this control, or undefined. Called while a component is set up. */
export function surroundingField(): FieldContext | undefined {
  return hasContext(key) ? getContext<FieldContext>(key) : undefined;
}

import { surroundingField } from './field-context';

/** What links a control with the Field around it; spread it before the control's own attributes. */
export interface ControlLinks {
  id?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: 'true' | undefined;
  'aria-labelledby'?: string;
  required?: boolean;
}

/**
 * The attributes that link a control with its Field. Call it while the component is set up, read the result in the markup.
 *
 * @param by `for`: the Field's `<label for>` names it; `group`: `aria-labelledby` does
 */
export function fieldLinks(by: 'for' | 'group'): () => ControlLinks {
  const field = surroundingField();
  if (field === undefined) return () => ({});
  return () => ({
    id: field.id,
    'aria-describedby': field.describedBy,
    ...(by === 'group' ? { 'aria-labelledby': field.labelId } : {}),
    ...(by === 'for' && field.invalid ? { 'aria-invalid': 'true' } : {}),
    ...(by === 'for' && field.required ? { required: true } : {}),
  });
}

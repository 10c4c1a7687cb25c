import type { Outcome } from '../probes';

/** The word that stands for an outcome on the screen (look: Verdicts). */
export type ShownVerdict = 'allowed' | 'denied' | 'refused' | 'would-be-denied' | 'not-enforced';

/** What the tablet's decision says beside its verdict. */
export interface Binding {
  readonly enforcement: string;
  /** What strict mode would have said where the statement passes for another reason than the ACL's consent. */
  readonly wouldBe: string | null;
}

/** The tablet's own word on whether a decision binds, out of the steps it recorded; null: it recorded none. */
export function bindingIn(
  steps: readonly { readonly name: string; readonly data: { readonly [key: string]: unknown } }[],
): Binding | null {
  const data = steps.find(({ name }) => name === 'acl.decided')?.data;
  if (data === undefined) return null;
  const { enforcement, wouldBe } = data;
  return {
    enforcement: typeof enforcement === 'string' ? enforcement : 'enforced',
    wouldBe: typeof wouldBe === 'string' ? wouldBe : null,
  };
}

/**
 * An outcome as it is shown. A caller that passes without being listed is never plainly "allowed": in a dry run it
 * "would be denied", with strict mode off it is "allowed, not enforced". Those whom the exemption names are allowed.
 */
export function shownVerdict(outcome: Pick<Outcome, 'verdict' | 'stoppedAt'>, binding: Binding | null): ShownVerdict {
  if (outcome.verdict === 'allow') {
    if (binding?.wouldBe == null || binding.enforcement === 'exempt' || binding.enforcement === 'dual')
      return 'allowed';
    return binding.enforcement === 'dry-run' ? 'would-be-denied' : 'not-enforced';
  }
  if (outcome.verdict === 'deny' || outcome.verdict === 'cannot-decide') return 'denied';
  return 'refused';
}

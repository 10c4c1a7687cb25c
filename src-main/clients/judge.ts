import type { Attempt } from './attempt';

/** What an attempt amounts to, in the words of design.md §7. */
export interface Judgement {
  readonly verdict: 'allow' | 'deny' | 'refused' | 'cannot-decide' | 'invalid';
  readonly stoppedAt: 'connect' | 'tls' | 'login' | 'gateway' | 'link' | 'tablet' | 'backend' | null;
  readonly code: number | null;
  readonly sqlState: string | null;
  readonly message: string | null;
}

/**
 * Reads a verdict from nothing but what the other side said. A refusal counts as the table ACL's only when its own words
 * are there; a connection that ends without a word is never more than "refused".
 */
export function judge(attempt: Attempt): Judgement {
  const { stage, error, failure } = attempt;
  if (stage === 'done') return { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null };
  if (error === null) {
    const stoppedAt = stage === 'statement' ? 'gateway' : stage;
    return { verdict: 'refused', stoppedAt, code: null, sqlState: null, message: failure };
  }
  const words = { code: error.code, sqlState: error.sqlState, message: error.message };
  if (stage !== 'statement') return { verdict: 'refused', stoppedAt: 'login', ...words };
  const text = error.message;
  const atTablet = text.includes('vttablet: ');
  if (text.includes('for a table set that cannot be determined (ACL check error)'))
    return { verdict: 'cannot-decide', stoppedAt: 'tablet', ...words };
  if (text.includes('(ACL check error)') || (atTablet && text.includes('missing caller id')))
    return { verdict: 'deny', stoppedAt: 'tablet', ...words };
  if (text.includes('no healthy tablet available') || /code = Unavailable desc = /.test(text))
    return { verdict: 'refused', stoppedAt: 'link', ...words };
  if (/syntax error at position/.test(text))
    return { verdict: 'invalid', stoppedAt: atTablet ? 'tablet' : 'gateway', ...words };
  if (atTablet && /\(errno \d+\) \(sqlstate \w{5}\)/.test(text))
    return { verdict: /\(errno 1064\)/.test(text) ? 'invalid' : 'refused', stoppedAt: 'backend', ...words };
  return { verdict: 'refused', stoppedAt: atTablet ? 'tablet' : 'gateway', ...words };
}

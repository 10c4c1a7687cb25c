import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, type Attempt, type Stage } from '../../../src-main/clients';

const attempt = (stage: Stage, error: Attempt['error'] = null, failure: string | null = null): Attempt => ({
  stage,
  error,
  failure,
  rows: null,
  table: null,
  localAddress: null,
  steps: [],
});
const said = (message: string, code = 1105, sqlState: string | null = 'HY000') => ({ code, sqlState, message });
const tablet = 'target: shop.0.primary: vttablet: rpc error: code = ';

describe('what an answer amounts to', () => {
  test.each<[string, Attempt, string, string | null]>([
    ['an answer', attempt('done'), 'allow', null],
    ['nobody there', attempt('connect', null, 'ECONNREFUSED'), 'refused', 'connect'],
    ['a TLS alert', attempt('tls', null, 'alert bad certificate'), 'refused', 'tls'],
    ['an end during login', attempt('login', null, 'the connection was closed'), 'refused', 'login'],
    ['an end before the answer', attempt('statement', null, 'the connection was closed'), 'refused', 'gateway'],
    ['a refused login', attempt('login', said("Access denied for user 'a'", 1045, '28000')), 'refused', 'login'],
    [
      'a login that speaks like the table ACL',
      attempt('login', said(`${tablet}PermissionDenied desc = x (ACL check error)`, 1045, '28000')),
      'refused',
      'login',
    ],
    [
      'a denial',
      attempt(
        'statement',
        said(
          `${tablet}PermissionDenied desc = Select command denied to user 'a', in groups [], for table 't' (ACL check error) (CallerID: a)`,
          1045,
          '28000',
        ),
      ),
      'deny',
      'tablet',
    ],
    [
      'a caller without a name',
      attempt('statement', said(`${tablet}Unauthenticated desc = missing caller id`)),
      'deny',
      'tablet',
    ],
    ['a gateway that wants a name', attempt('statement', said('missing caller id')), 'refused', 'gateway'],
    [
      'a statement nobody can decide',
      attempt(
        'statement',
        said(`${tablet}PermissionDenied desc = denied for a table set that cannot be determined (ACL check error)`),
      ),
      'cannot-decide',
      'tablet',
    ],
    ['no tablet', attempt('statement', said('target: shop.0.primary: no healthy tablet available')), 'refused', 'link'],
    [
      'a link that broke',
      attempt('statement', said('vttablet: rpc error: code = Unavailable desc = connection error')),
      'refused',
      'link',
    ],
    [
      'a syntax error at the gateway',
      attempt('statement', said("syntax error at position 6 near 'selec'")),
      'invalid',
      'gateway',
    ],
    [
      'a syntax error at the tablet',
      attempt('statement', said(`${tablet}InvalidArgument desc = syntax error at position 6`)),
      'invalid',
      'tablet',
    ],
    [
      'an error of MySQL',
      attempt(
        'statement',
        said(`${tablet}NotFound desc = Table 'x' doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: a): Sql: "…"`),
      ),
      'refused',
      'backend',
    ],
    [
      'a syntax error of MySQL',
      attempt('statement', said(`${tablet}InvalidArgument desc = You have an error (errno 1064) (sqlstate 42000)`)),
      'invalid',
      'backend',
    ],
    [
      'anything else of the tablet',
      attempt('statement', said(`${tablet}ResourceExhausted desc = rows`)),
      'refused',
      'tablet',
    ],
    ['anything else', attempt('statement', said('no such keyspace')), 'refused', 'gateway'],
    [
      'a gRPC denial',
      attempt('statement', said(`${tablet}PermissionDenied desc = (ACL check error)`, 7, null)),
      'deny',
      'tablet',
    ],
  ])('%s', (_, seen, verdict, stoppedAt) => {
    const judged = judge(seen);
    expect(judged).toMatchObject({ verdict, stoppedAt });
    expect(judged.code).toBe(seen.error?.code ?? null);
    if (seen.error !== null) expect(judged.message).toBe(seen.error.message);
    else expect(judged.message).toBe(seen.failure);
  });

  test('nothing but an answer is ever "allow", whatever the other side says', () => {
    const words = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'allow',
        '(ACL check error)',
        'vttablet: ',
        'missing caller id',
        'syntax error at position',
        ' ok',
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom<Stage>('connect', 'tls', 'login', 'statement'),
        fc.array(words, { maxLength: 4 }),
        fc.nat(70_000),
        fc.boolean(),
        (stage, parts, code, inWords) => {
          const text = parts.join('');
          const judged = judge(inWords ? attempt(stage, said(text, code)) : attempt(stage, null, text));
          expect(judged.verdict).not.toBe('allow');
          expect(judged.stoppedAt).not.toBeNull();
          // A denial needs the words of the tablet, after the login.
          if (judged.verdict === 'deny') expect([stage, inWords]).toEqual(['statement', true]);
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
    );
  });
});

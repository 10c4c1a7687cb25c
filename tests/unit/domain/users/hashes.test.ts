import { describe, expect, it } from 'vitest';
import { cachingSha2Hash, makeSalt, nativeHash, nativeReply, sha2Reply } from '../../../../src-main/domain/users';

const salt = Buffer.from('2122232425262728292a2b2c2d2e2f3031323334', 'hex');

describe('hashes of the password "password" (vectors of real Vitess)', () => {
  it('are what users files hold', () => {
    expect(nativeHash('password')).toBe('*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
    expect(cachingSha2Hash('password')).toBe('*73641C99F7719F57D8F4BEB11A303AFCD190243A51CED8782CA6D3DBE014D146');
  });
  it('give the replies that clients send', () => {
    expect(nativeReply('password', salt).toString('hex')).toBe('97aaf5ec9857653fc9b04e85a388ca15b598c8a4');
    expect(sha2Reply('password', salt).toString('hex')).toBe(
      'ebe5f544dd4cd00fd370f4197e839d493415b6966277ba7c856bfd1f216d6713',
    );
  });
  it('give empty replies for the empty password', () => {
    expect(nativeReply('', salt)).toHaveLength(0);
    expect(sha2Reply('', salt)).toHaveLength(0);
  });
});

describe('makeSalt', () => {
  it('keeps bytes below 128 and avoids 0 and $', () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    for (let from = 0; from + 20 <= 256; from += 1) {
      const made = makeSalt(() => every.subarray(from, from + 20));
      for (const [index, byte] of made.entries()) {
        const plain = (from + index) & 0x7f;
        expect(byte).toBe(plain === 0 || plain === 0x24 ? plain + 1 : plain);
      }
    }
  });
  it('is 20 random bytes', () => {
    expect(makeSalt()).toHaveLength(20);
    expect(makeSalt().equals(makeSalt())).toBe(false);
  });
});

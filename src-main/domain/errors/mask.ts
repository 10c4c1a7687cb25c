const MASK = '•••';

/** Words that stand behind “password” in sentences about one, and are none themselves. */
const NO_SECRET = [
  'a|an|the|this|that|it|its|there|you|we|yes|no|not|never|only|too|also|now|still|then|and|or|nor|but|if|when|while|which|than|as',
  'is|was|are|were|be|been|being|must|may|might|can|cannot|could|should|would|will|has|have|had|do|does|did|needs|fails|failed',
  'for|of|to|in|on|at|by|with|without|from|into|through|readable|unasked|required|needed|missing|wrong|incorrect|correct|bad',
  'invalid|valid|empty|expired|provided|given|sent|supplied|set|unset|used|changed|mismatch|longer|shorter|based|read|authentication',
  'auth|authenticator|file|files|field|hash|hashes|hashing|plugin|method|methods|policy|length|check|option|options|flag|parameter',
].join('|');
const SECRET_WORD = String.raw`(?:pass(?:words?|wds?|phrase|code)|pwd|secret|token|credentials?|(?:secret|api|access|private)[ _-](?:access[ _-])?key)`;
const NONE = String.raw`(?!(?:${NO_SECRET})(?=[\s.,;:!?)"'\]]|$)|[•(:=])`;
const VALUE = String.raw`(?:\\?"[^"\n]{1,2000}"?|'[^'\n]{1,2000}'?|[\u2018\u201c][^\u2019\u201d\n]{1,2000}[\u2019\u201d]?|\x60[^\x60\n]{1,2000}\x60?|[^\s•]\S{0,2000})`;

/** Sentences that tell a password; what is masked too much is no loss. */
const prose: readonly { readonly pattern: RegExp; readonly to: string }[] = [
  // password is X, password for web was X, passwords of the user web: X
  {
    pattern: new RegExp(
      String.raw`(${SECRET_WORD}(?:\s{1,4}(?:for|of|given|entered|sent|used)\s[^\n:=]{1,60}?)?(?:\s{1,4}(?:is|was|are|were|equals|being|to|as)(?:\s{1,4}(?:now|still|then|set|to))?\b\s{0,4}:?|\s{0,4}(?:->|:=|==|[:=,]))\s{1,4})${NONE}${VALUE}`,
      'gi',
    ),
    to: `$1${MASK}`,
  },
  // with password X, passwd X, secret X
  { pattern: new RegExp(String.raw`((?<!\w)${SECRET_WORD}\s{1,4})${NONE}${VALUE}`, 'gi'), to: `$1${MASK}` },
  // X is the password, X as password
  {
    pattern: new RegExp(
      String.raw`(?<!\S)${NONE}[^\s•]\S{0,500}(\s{1,4}(?:is|was|as)\s{1,4}(?:(?:the|my|a|his|her|their|our)\s{1,4})?(?:\w{1,20}\s{1,4})?${SECRET_WORD}(?!\w))`,
      'gi',
    ),
    to: `${MASK}$1`,
  },
];

/** Each is bounded in what it takes at a time, so that no text makes it slow. */
const secrets: readonly { readonly pattern: RegExp; readonly to: string }[] = [
  // IDENTIFIED BY '…', PASSWORD('…'), SET PASSWORD [FOR x] = '…'
  {
    pattern:
      /\b(identified\s{1,8}(?:with\s{1,8}[\w'"`]{1,64}\s{1,8})?(?:by|as)\s{1,8}(?:password\s{1,8})?|password\s{0,8}\(\s{0,8}|set\s{1,8}password[^=\n]{0,200}=\s{0,8})('[^'\n]{1,2000}'?|"[^"\n]{1,2000}"?)/gi,
    to: `$1'${MASK}'`,
  },
  // user:password@ of an address or of a Go data source name
  { pattern: /(\/\/[^\s/:@]{0,200}:)([^\s/@]{1,500})(?=@)/g, to: `$1${MASK}` },
  { pattern: /(\b[\w.-]{1,200}:)([^\s@/:]{1,500})(?=@(?:tcp|unix)\()/g, to: `$1${MASK}` },
  {
    pattern: /\b(authorization\s{0,4}[:=]\s{0,4}(?:bearer|basic)?\s{0,4}|bearer\s{1,4})([\w.~+/=-]{6,4000})/gi,
    to: `$1${MASK}`,
  },
  // password=…, "Password": "…", pwd: …; `(using password: YES)` is no password.
  {
    pattern:
      /((?:pass(?:word|wd|phrase|code)?|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credentials?|(?:mysqlnative|cachingsha2)password)\\?["']?\s{0,4}(?:=>|[:=])\s{0,4})(?!(?:yes|no)\b|•)(\\?"[^"\n]{1,2000}"?|'[^'\n]{1,2000}'?|[^\s&"'•][^\s&]{0,2000})/gi,
    to: `$1${MASK}`,
  },
  // mysql -pSECRET
  {
    pattern: /((?:mysql|mariadb)[^\n]{0,300}?\s-p)(?=[^\s•])(?!ort\b)('[^'\n]{1,500}'?|"[^"\n]{1,500}"?|\S{1,500})/gi,
    to: `$1${MASK}`,
  },
  // Stored forms: mysql_native_password, caching_sha2_password; JSON web tokens and tokens that say what they are
  { pattern: /\*[0-9A-F]{40}\b/gi, to: MASK },
  { pattern: /\$A\$\d{3}\$[^\s"']{20,200}/g, to: MASK },
  { pattern: /\beyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]{0,4000})?/g, to: MASK },
  { pattern: /\b(?:gh[pousr]_|github_pat_|glpat-|hvs\.|xox[abprs]-|AKIA|sk-)[\w.-]{12,400}/g, to: MASK },
];

/** The text without what may be a secret: passwords, tokens, stored forms and private keys; `count` says how many were taken out. */
export function maskSecrets(text: string): { readonly text: string; readonly count: number } {
  let count = 0;
  let shown = withoutKeys(text, () => (count += 1));
  for (const { pattern, to } of [...secrets, ...prose])
    shown = shown.replace(pattern, (...found: unknown[]) => {
      count += 1;
      return to.replace('$1', () => String(found[1] ?? ''));
    });
  return { text: shown, count };
}

/** Private keys in PEM, whole or cut off; certificates stay, they are public. */
function withoutKeys(text: string, counted: () => void): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf('-----BEGIN ', at);
    const headEnd = begin < 0 ? -1 : text.indexOf('-----', begin + 11);
    if (begin < 0 || headEnd < 0) break;
    if (!text.slice(begin, headEnd).endsWith('PRIVATE KEY')) {
      parts.push(text.slice(at, headEnd));
      at = headEnd;
      continue;
    }
    counted();
    const end = text.indexOf('-----END ', headEnd);
    const tail = end < 0 ? -1 : text.indexOf('-----', end + 9);
    parts.push(text.slice(at, begin), '(private key)');
    if (tail < 0) return parts.join('');
    at = tail + 5;
  }
  return parts.join('') + text.slice(at);
}

import type { ServerTls } from '../topology';
import { objectIn, textIn, textsOf, type NotedStep, type TraceWorld } from './input';
import { code, name, rich, type Rich } from './rich';

/** `TLSv1.3` as people write it. */
export const versionText = (version: string): string => version.replace(/^TLSv/, 'TLS ');

/** The common name in a subject as Node (`CN=x`, one part a line) or Go (`CN=x,O=y`) print it; the text itself without one. */
export function commonNameIn(subject: string): string {
  const found = /(?:^|[\n,])\s*CN=((?:\\.|[^\n,\\])*)/.exec(subject)?.[1];
  return found === undefined ? subject : found.replaceAll(/\\(.)/g, '$1');
}

/** What is wrong on purpose with a certificate that was made for this test alone; null: the file is the workspace's own. */
export const faultOfMade = (path: string | null): string | null =>
  path === null ? null : (/^memory\/([a-z-]+)\//.exec(path)?.[1]?.replaceAll('-', ' ') ?? null);

/** That what was shown was made for this test, as a line below the handshake; nothing where it was not. */
export function madeForTest(path: string | null): Rich[] {
  const fault = faultOfMade(path);
  return fault === null
    ? []
    : [rich`Shown: a copy made for this test, faulty on purpose (${fault}). It is in no file.`];
}

/** `leaf ← authority ← root` */
export const chainText = (names: readonly string[]): Rich =>
  names.flatMap((text, index) => (index === 0 ? rich`${name(text)}` : rich` ← ${name(text)}`));

/** The names of a certificate as Node prints them (`DNS:a, IP Address:0:0:0:0:0:0:0:1`), as people write them. */
export const namesText = (printed: string): string =>
  printed
    .split(', ')
    .map((part) => {
      const address = /^IP Address:(.*:.*)$/.exec(part)?.[1];
      if (address === undefined) return part.replace(/^(?:DNS|IP Address|URI|email):/, '');
      return URL.canParse(`http://[${address}]/`) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
    })
    .join(', ');

/** The chain of the file that a side presents, headed by what the other side really saw of it. */
export function seenChain(seen: string, path: string | null, world: TraceWorld): readonly string[] {
  const known = path === null ? [] : world.chainNames(path);
  return known[0] === seen ? known : [seen];
}

/** What a client learned of the server's certificate in its own handshake. */
export function checkedServer(
  step: NotedStep,
  presented: string | null,
  trust: string | null,
  world: TraceWorld,
): Rich {
  const seen = commonNameIn(textIn(step, 'serverSubject'));
  const chain = chainText(seenChain(seen, presented, world));
  if (step.data['serverVerified'] !== true)
    return rich`The client was shown ${chain} and did not check it: anyone could have stood there.`;
  const against = trust === null ? rich`the system's authorities` : rich`${code(trust)}`;
  const demanded = textIn(step, 'nameDemanded');
  return rich`Client checked ${chain} against ${against}; the name ${code(demanded)} is among ${code(namesText(textIn(step, 'serverNames')))}`;
}

/** What an accepting side noted about the certificate of the one who dialled. */
export function checkedPeer(
  who: string,
  step: NotedStep | undefined,
  file: string | null,
  tls: ServerTls,
  world: TraceWorld,
): Rich {
  const peer = objectIn(step, 'peer');
  if (peer === null) return rich`${who} asked for no certificate`;
  const commonName = typeof peer['commonName'] === 'string' ? peer['commonName'] : '';
  const dns = textsOf(peer['dnsNames']);
  const seen = commonName === '' ? (dns[0] ?? String(peer['subject'] ?? '')) : commonName;
  const chain = chainText(seenChain(seen, file, world));
  const against = tls.clientCa === null ? rich`its authorities` : rich`${code(tls.clientCa)}`;
  const list =
    tls.crl === null ? rich`; no revocation list is in use` : rich` and the revocation list ${code(tls.crl)}`;
  return rich`${who} checked ${chain} against ${against}${list}`;
}

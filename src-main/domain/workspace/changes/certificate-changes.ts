import { parsePem, type ParsedCertificate, type ParsedCrl } from '../../certs';
import { code, name, say, strong, type Change, type FileContents, type Sentence } from './change';

type Files = ReadonlyMap<string, Buffer>;

const read = (content: Buffer | undefined, file: string) => parsePem(content?.toString('latin1') ?? '', file);
const day = (date: Date): string => date.toISOString().slice(0, 10);
const nameOf = (certificate: ParsedCertificate): string => certificate.subject.commonName || certificate.subjectText;
const issuerOf = (certificate: ParsedCertificate): string => certificate.issuer.commonName || certificate.issuerText;

/**
 * What differs below pki/: a certificate with its key is one change. `paths` are those that differ. Keys are only ever
 * named, and a record of issued serials is told of only where no certificate tells of it.
 */
export function certificateChanges(before: Files, after: Files, paths: readonly string[]): Change[] {
  const waiting = new Set(paths);
  const changes: Change[] = [];
  const take = (files: readonly string[], main: string, sentence: Sentence): void => {
    const touched = files.filter((file) => waiting.delete(file));
    changes.push({
      area: 'certificates',
      file: main,
      line: 0,
      side: after.has(main) ? 'draft' : 'applied',
      sentence,
      revert: (): FileContents => new Map(touched.map((file) => [file, before.get(file) ?? null])),
    });
  };
  for (const path of paths) {
    if (!path.endsWith('-cert.pem')) continue;
    const [old] = read(before.get(path), path).certificates;
    const [fresh] = read(after.get(path), path).certificates;
    const pair = [path, path.replace(/-cert\.pem$/, '-key.pem')];
    const word = (fresh ?? old)?.isCa === true ? 'Authority' : 'Certificate';
    if (old !== undefined && fresh !== undefined) take(pair, path, replaced(word, old, fresh));
    else if (fresh !== undefined && !before.has(path))
      take(
        pair,
        path,
        say`${word} ${strong(nameOf(fresh))} added, issued by ${name(issuerOf(fresh))}, valid until ${day(fresh.notAfter)}.`,
      );
    else if (old !== undefined && !after.has(path))
      take(pair, path, say`${word} ${strong(nameOf(old))} removed; it was issued by ${name(issuerOf(old))}.`);
  }
  for (const path of paths) {
    const [old] = read(before.get(path), path).crls;
    const [fresh] = read(after.get(path), path).crls;
    if (!waiting.has(path) || fresh === undefined) continue;
    const issuer = commonNameOf(fresh.issuerText);
    for (const sentence of revocations(old, fresh, issuer, [before, after])) take([path], path, sentence);
  }
  const told = new Set(changes.map(({ file }) => folderOf(file)));
  for (const path of [...waiting]) {
    if (path.endsWith('/issued.jsonl') && told.has(folderOf(path))) continue;
    const key = path.endsWith('-key.pem');
    const what = !after.has(path) ? 'removed' : before.has(path) ? 'changed' : 'added';
    take([path], path, key ? say`Private key ${code(path)} ${what}.` : say`${code(path)} ${what}.`);
  }
  return changes;
}

/** The common name in a name's text, or all of it. */
const commonNameOf = (text: string): string => /(?:^|,\s*)CN=([^,]*)/.exec(text)?.[1] ?? text;
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function replaced(word: string, old: ParsedCertificate, fresh: ParsedCertificate): Sentence {
  const until = `valid until ${day(fresh.notAfter)} instead of ${day(old.notAfter)}`;
  const renamed = nameOf(old) !== nameOf(fresh);
  if (renamed)
    return say`${word} ${name(nameOf(old))} replaced by one for ${strong(nameOf(fresh))}, issued by ${name(issuerOf(fresh))}.`;
  const names = (certificate: ParsedCertificate): string =>
    [...certificate.dnsNames, ...certificate.ipAddresses].join(', ') || 'no names';
  if (names(old) !== names(fresh))
    return say`${word} ${name(nameOf(fresh))} replaced: its names are ${strong(names(fresh))} instead of ${name(names(old))}.`;
  if (issuerOf(old) !== issuerOf(fresh))
    return say`${word} ${name(nameOf(fresh))} replaced: issued by ${strong(issuerOf(fresh))} instead of ${name(issuerOf(old))}.`;
  return say`${word} ${name(nameOf(fresh))} renewed: ${until}.`;
}

/** One sentence for a certificate that was revoked or is no longer; the file is one, so its first sentence takes it back. */
function revocations(
  old: ParsedCrl | undefined,
  fresh: ParsedCrl,
  issuer: string,
  versions: readonly Files[],
): Sentence[] {
  if (old === undefined) return [say`Revocation list of ${strong(issuer)} added.`];
  const subject = (serial: string): string => {
    for (const files of versions)
      for (const [path, content] of files) {
        if (!path.endsWith('-cert.pem')) continue;
        const [leaf] = read(content, path).certificates;
        if (leaf?.serial === serial && issuerOf(leaf) === issuer) return nameOf(leaf);
      }
    return `serial ${serial}`;
  };
  const serials = (crl: ParsedCrl): Set<string> => new Set(crl.revoked.keys());
  const [before, after] = [serials(old), serials(fresh)];
  const added = [...after].filter((serial) => !before.has(serial)).map(subject);
  const gone = [...before].filter((serial) => !after.has(serial)).map(subject);
  if (added.length > 0 && gone.length > 0)
    return [
      say`Revocation list of ${name(issuer)}: ${strong(added.join(', '))} revoked, ${strong(gone.join(', '))} no longer.`,
    ];
  if (added.length > 0) return [say`Revocation list of ${name(issuer)}: ${strong(added.join(', '))} revoked.`];
  if (gone.length > 0) return [say`Revocation list of ${name(issuer)}: ${strong(gone.join(', '))} no longer revoked.`];
  return [say`Revocation list of ${name(issuer)} issued anew.`];
}

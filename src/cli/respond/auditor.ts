import type { Blob } from '../../core/blob.ts';
import type { Secret } from '../../core/secret.ts';
import type { Repository } from '../../git/repository.ts';
import type { AuditPlace, AuditResult, Auditor } from '../../respond/services.ts';
import { historySource } from '../../sources/history.ts';

/** A way of writing the value, and the bytes to look for. */
interface Needle {
  readonly encoding: string;
  readonly bytes: Buffer;
}

/** The characters of a base64 text that the value alone decides, at each of the three alignments. */
function base64Needles(value: Buffer): Needle[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), value])
      .toString('base64')
      .replace(/=+$/, '');
    const start = shift === 0 ? 0 : shift + 1;
    const whole = Math.floor(((shift + value.length) * 8) / 6);
    const inner = text.slice(start, whole);
    const url = inner.replaceAll('+', '-').replaceAll('/', '_');
    return [...new Set([inner, url])].map((bytes) => ({ encoding: 'base64', bytes: Buffer.from(bytes) }));
  });
}

function needlesFor(secret: Secret): readonly Needle[] {
  const text = secret.reveal();
  const value = Buffer.from(text, 'utf8');
  const hex = value.toString('hex');
  const written: [string, string | Buffer][] = [
    ['plain', value],
    ['percent', encodeURIComponent(text)],
    ['json', JSON.stringify(text).slice(1, -1)],
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ['utf-16', Buffer.from(text, 'utf16le')],
    ['utf-16', Buffer.from(text, 'utf16le').swap16()],
  ];
  const all = [
    ...written.map(([encoding, bytes]) => ({ encoding, bytes: Buffer.from(bytes) })),
    ...base64Needles(value),
  ];
  // The same bytes under two names are one needle, under the first.
  return [
    ...new Map(all.toReversed().map((needle) => [needle.bytes.toString('latin1'), needle])).values(),
  ].toReversed();
}

const KEY = 'value';
/** Overlap of two pieces of a stream, larger than any needle of a key. */
const OVERLAP = 64 * 1024;

async function encodingIn(blob: Blob, needles: readonly Needle[]): Promise<string | null> {
  const search = (bytes: Uint8Array): string | null =>
    needles.find((needle) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(needle.bytes))
      ?.encoding ?? null;
  if (blob.content instanceof Uint8Array) return search(blob.content);
  let tail = Buffer.alloc(0);
  for await (const chunk of blob.content.chunks) {
    const piece = Buffer.concat([tail, chunk]);
    const found = search(piece);
    if (found !== null) return found;
    tail = Buffer.from(piece.subarray(-OVERLAP));
  }
  return null;
}

/**
 * Looks through everything a repository stores, reachable or not, for one
 * value in every way it may be written, and says which commits brought it.
 */
export function historyAuditor(repository: Repository, signal: AbortSignal): Auditor {
  return {
    async audit(secret) {
      const source = historySource(repository);
      const needles = needlesFor(secret);
      const holdings = new Map<string, ReadonlySet<string>>();
      const encodings = new Map<string, string>();
      for await (const blob of source.blobs(signal)) {
        const encoding = await encodingIn(blob, needles);
        if (encoding === null) continue;
        holdings.set(blob.id, new Set([KEY]));
        encodings.set(blob.id, encoding);
      }
      const { places } = await source.attribute(holdings, signal);
      const { problems, complete } = source.coverage.report('hunt');
      const shown = places.map(({ blob, place }): AuditPlace => {
        const { kind, path, commit, heldBy } = place;
        const refs = heldBy.map(({ ref }) => ref);
        return { kind, path, commit, line: null, refs, encoding: encodings.get(blob) ?? '' };
      });
      // A blob that no commit names is a place as well.
      const unnamed = [...holdings.keys()].filter((id) => !places.some(({ blob }) => blob === id));
      const loose = unnamed.map((id): AuditPlace => ({
        kind: 'blob',
        path: id,
        commit: null,
        line: null,
        refs: [],
        encoding: encodings.get(id) ?? '',
      }));
      const all = [...shown, ...loose];
      return {
        places: all,
        refs: [...new Set(all.flatMap(({ refs }) => refs))],
        complete,
        problems: problems.map(({ code, message }) => `${code}: ${message}`),
      } satisfies AuditResult;
    },
  };
}

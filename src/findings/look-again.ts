import { latin1 } from '../bytes/latin1.ts';
import type { ByteStream } from '../core/blob.ts';
import type { Span, TextRange } from '../core/span.ts';
import { locate } from '../detect/locate.ts';
import { redact } from '../triage/redact.ts';
import type { Held } from './collect.ts';

/** A secret on a line that is to be shown: offsets into the line's bytes. */
export interface MaskSpan extends Span {
  /** The one the line is shown for. */
  readonly focus?: boolean;
  readonly lastFour?: string;
}

/** Masks every secret of a line; report/snippet.ts implements it. */
export type MaskLine = (
  line: Uint8Array,
  spans: readonly MaskSpan[],
  options: { readonly encoding?: 'utf-8' | 'utf-16le' | 'utf-16be' },
) => string;

/** Lines and columns of one blob's spans. */
export interface Seen {
  at(span: Span): { readonly range: TextRange; readonly snippet: string } | null;
}

const NOWHERE: Seen = { at: () => null };

/** The second, targeted read of a blob: where its findings and parts stand, and their lines, masked. */
export async function lookAgain(
  content: Uint8Array | ByteStream | null,
  held: readonly Held[],
  maskLine: MaskLine | undefined,
): Promise<Seen> {
  if (content === null) return NOWHERE;
  const spots = held.flatMap(({ finding }) => [finding, ...finding.parts]).filter(({ inner }) => inner === undefined);
  const spans = [...new Map(spots.map(({ span }) => [`${span.start}:${span.end}`, span])).values()].toSorted(
    (a, b) => a.start - b.start,
  );
  const located = await locate(content, spans);
  const tails = new Map(
    spots
      .filter(({ decoded }) => decoded.length === 0)
      .map(({ span, secret }) => [`${span.start}:${span.end}`, redact(secret).lastFour]),
  );
  const byStart = new Map(spans.map((span, i) => [`${span.start}:${span.end}`, located[i] ?? null]));
  const texts = new Map(
    spots
      .filter(({ decoded }) => decoded.length === 0)
      .map(({ span, secret }) => [`${span.start}:${span.end}`, secret.reveal()]),
  );
  return {
    at(span) {
      const found = byStart.get(`${span.start}:${span.end}`);
      if (!found) return null;
      const { excerpt, excerptStart, encoding } = found;
      if (!isStillThere(excerpt, excerptStart, span, texts.get(`${span.start}:${span.end}`))) return null;
      const onLine = spans
        .filter(({ start, end }) => start < excerptStart + excerpt.length && end > excerptStart)
        .map(({ start, end }): MaskSpan => {
          const lastFour = tails.get(`${start}:${end}`);
          const focus = start === span.start && end === span.end;
          return {
            start: start - excerptStart,
            end: end - excerptStart,
            focus,
            ...(lastFour === undefined ? {} : { lastFour }),
          };
        });
      return { range: found.range, snippet: maskLine?.(excerpt, onLine, { encoding }) ?? '' };
    },
  };
}

/** What was changed behind our back must not be shown: the mask would lie beside the secret. */
function isStillThere(excerpt: Uint8Array, excerptStart: number, span: Span, text: string | undefined): boolean {
  const from = span.start - excerptStart;
  if (text === undefined || span.end - excerptStart > excerpt.length) return true;
  return latin1(excerpt, from, from + text.length) === text;
}

import { countBelow } from '../bytes/count-below.ts';
import { latin1 } from '../bytes/latin1.ts';
import type { ByteStream } from '../core/blob.ts';
import type { Located, Span, TextRange } from '../core/span.ts';
import { locate } from '../detect/locate.ts';
import { redact } from '../triage/redact.ts';
import type { Held } from './collect.ts';
import { innerTexts } from './inner-texts.ts';

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
  /** @param inner - path inside of an archive, whose entry the span is of */
  at(span: Span, inner?: string): { readonly range: TextRange; readonly snippet: string } | null;
}

/** Where one text's spans stand. */
type Sight = (span: Span) => ReturnType<Seen['at']>;

type Spot = Held['finding'] | Held['finding']['parts'][number];

/** The second, targeted read of a blob: where its findings and parts stand, and their lines, masked. */
export async function lookAgain(
  content: Uint8Array | ByteStream | null,
  held: readonly Held[],
  maskLine: MaskLine | undefined,
): Promise<Seen> {
  if (content === null) return { at: () => null };
  const spots = spotsOf(held);
  const names = new Set(spots.flatMap(({ inner }) => inner ?? []));
  // Archives are only looked into where they fit into memory.
  const bytes = names.size > 0 ? await whole(content) : content;
  const sightOf = async (text: Uint8Array | ByteStream, inner?: string): Promise<Sight> =>
    sight(
      text,
      spots.filter((spot) => spot.inner === inner),
      maskLine,
    );
  const inside = new Map<string, readonly Sight[]>();
  for (const { name, bytes: text } of bytes instanceof Uint8Array ? innerTexts(bytes, names) : []) {
    // Two entries may have one name: who holds the span is told by its text.
    inside.set(name, [...(inside.get(name) ?? []), await sightOf(text, name)]);
  }
  const outside = await sightOf(bytes);
  return {
    at(span, inner) {
      if (inner === undefined) return outside(span);
      for (const look of inside.get(inner) ?? []) {
        const seen = look(span);
        if (seen !== null) return seen;
      }
      return null;
    },
  };
}

/** What is to be looked at of a blob, by offset, if it can be told without looking into archives; else null. */
export function plainSpans(held: readonly Held[]): readonly Span[] | null {
  const spots = spotsOf(held);
  return spots.some(({ inner }) => inner !== undefined) ? null : spansOf(spots);
}

/** What was looked at before. @param located - of `plainSpans` */
export function seenBefore(
  located: readonly (Located | null)[],
  held: readonly Held[],
  maskLine: MaskLine | undefined,
): Seen {
  const spots = spotsOf(held);
  const outside = sightOn(spots, spansOf(spots), located, maskLine);
  return { at: (span, inner) => (inner === undefined ? outside(span) : null) };
}

function spotsOf(held: readonly Held[]): Spot[] {
  return held.flatMap(({ finding }): Spot[] => [finding, ...finding.parts]);
}

function spansOf(spots: readonly Spot[]): Span[] {
  return [...new Map(spots.map(({ span }) => [keyOf(span), span])).values()].toSorted((a, b) => a.start - b.start);
}

async function whole(content: Uint8Array | ByteStream): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function sight(
  content: Uint8Array | ByteStream,
  spots: readonly Spot[],
  maskLine: MaskLine | undefined,
): Promise<Sight> {
  const spans = spansOf(spots);
  return sightOn(spots, spans, await locate(content, spans), maskLine);
}

/** @param located - by span */
function sightOn(
  spots: readonly Spot[],
  spans: readonly Span[],
  located: readonly (Located | null)[],
  maskLine: MaskLine | undefined,
): Sight {
  const byStart = new Map(spans.map((span, i) => [keyOf(span), { i, found: located[i] ?? null }]));
  const plain = spots.filter(({ decoded }) => decoded.length === 0);
  const tails = new Map(plain.map(({ span, secret }) => [keyOf(span), redact(secret).lastFour]));
  const texts = new Map(plain.map(({ span, secret }) => [keyOf(span), secret.reveal()]));
  const onLine = linesOf(
    spans.map((span): MaskSpan => {
      const lastFour = tails.get(keyOf(span));
      return { ...span, ...(lastFour === undefined ? {} : { lastFour }) };
    }),
  );
  return (span) => {
    const { i = -1, found = null } = byStart.get(keyOf(span)) ?? {};
    if (!found || !isStillThere(found, span, texts.get(keyOf(span)))) return null;
    return { range: found.range, snippet: maskLine?.(found.excerpt, onLine(found, i), found) ?? '' };
  };
}

/** Tells everything on a line that must not be shown, and what it is shown for: the one of that number. */
function linesOf(spans: readonly MaskSpan[]): (line: Located, focus: number) => MaskSpan[] {
  // A line may hold thousands, and is shown for each.
  const starts = Float64Array.from(spans, ({ start }) => start);
  const longest = spans.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  return ({ excerpt, excerptStart }, focus) => {
    const first = countBelow(starts, excerptStart - longest);
    return spans
      .slice(first, countBelow(starts, excerptStart + excerpt.length))
      .map((span, i) => ({
        ...span,
        start: span.start - excerptStart,
        end: span.end - excerptStart,
        focus: first + i === focus,
      }))
      .filter(({ end }) => end > 0);
  };
}

function keyOf({ start, end }: Span): string {
  return `${start}:${end}`;
}

/** What was changed behind our back must not be shown: the mask would lie beside the secret. */
function isStillThere({ excerpt, excerptStart }: Located, span: Span, text: string | undefined): boolean {
  const from = span.start - excerptStart;
  if (text === undefined || span.end - excerptStart > excerpt.length) return true;
  return latin1(excerpt, from, from + text.length) === text;
}

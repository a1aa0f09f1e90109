import { LINE_REACH } from '../core/limits.ts';
import type { Span } from '../core/span.ts';
import type { AllowMark } from './item.ts';

/** Inline comments that allow what stands on their line: ours, and those of the tools people come from. */
export const ALLOW_MARKERS = [
  'unleak:allow',
  'gitleaks:allow',
  'betterleaks:allow',
  'trufflehog:ignore',
  'kingfisher:ignore',
  'pragma: allowlist secret',
  'pragma: allowlist nextline secret',
] as const;

/** The line around a marker, or below it where it says so, as far as `LINE_REACH` goes. */
export function allowMark(bytes: Uint8Array, hit: Span, marker: string): AllowMark {
  const lowest = Math.max(0, hit.start - LINE_REACH);
  const before = lastBreak(bytes.subarray(lowest, hit.start));
  const start = before < 0 ? lowest : lowest + before + 1;
  const highest = Math.min(bytes.length, hit.end + LINE_REACH);
  const after = firstBreak(bytes.subarray(hit.end, highest));
  if (marker.includes('nextline')) return { marker, ...lineBelow(bytes.subarray(0, highest), hit.end, after) };
  const end = after < 0 ? highest : hit.end + after;
  const whole = hit.start - start < LINE_REACH && end - hit.end < LINE_REACH;
  return { marker, line: { start, end }, whole };
}

/** @param rest - bytes from `from` to the end of the line; below 0 where no other line is seen */
function lineBelow(bytes: Uint8Array, from: number, rest: number): Pick<AllowMark, 'line' | 'whole'> {
  const ending = from + rest;
  if (rest < 0) return { line: { start: bytes.length, end: bytes.length }, whole: false };
  const start = ending + (bytes[ending] === 13 && bytes[ending + 1] === 10 ? 2 : 1);
  const length = firstBreak(bytes.subarray(start));
  const end = length < 0 ? bytes.length : start + length;
  return { line: { start: Math.min(start, end), end }, whole: end - from < LINE_REACH };
}

/** Carriage returns alone part lines too: a comment must not allow all of an old file. */
function lastBreak(bytes: Uint8Array): number {
  return Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13));
}

function firstBreak(bytes: Uint8Array): number {
  const [feed, carriage] = [bytes.indexOf(10), bytes.indexOf(13)];
  return feed < 0 || carriage < 0 ? Math.max(feed, carriage) : Math.min(feed, carriage);
}

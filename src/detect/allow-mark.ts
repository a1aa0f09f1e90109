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
] as const;

/** The line around a marker, as far as `LINE_REACH` goes. */
export function allowMark(bytes: Uint8Array, hit: Span, marker: string): AllowMark {
  const lowest = Math.max(0, hit.start - LINE_REACH);
  const before = bytes.subarray(lowest, hit.start).lastIndexOf(10);
  const start = before < 0 ? lowest : lowest + before + 1;
  const highest = Math.min(bytes.length, hit.end + LINE_REACH);
  const after = bytes.subarray(hit.end, highest).indexOf(10);
  const end = after < 0 ? highest : hit.end + after;
  const whole = hit.start - start < LINE_REACH && end - hit.end < LINE_REACH;
  return { marker, line: { start, end }, whole };
}

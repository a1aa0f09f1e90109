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
  let start = hit.start;
  while (start > 0 && hit.start - start < LINE_REACH && bytes[start - 1] !== 10) start--;
  let end = hit.end;
  while (end < bytes.length && end - hit.end < LINE_REACH && bytes[end] !== 10) end++;
  const whole = hit.start - start < LINE_REACH && end - hit.end < LINE_REACH;
  return { marker, line: { start, end }, whole };
}

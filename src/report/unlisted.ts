import type { Finding } from '../core/finding.ts';
import { terminalText } from './escape/terminal.ts';
import { counted } from './words.ts';

/** In how many places the secret stands, listed or not. */
export function placesIn({ occurrences, unlisted }: Finding): number {
  return occurrences.length + (unlisted?.places ?? 0);
}

/** How many places are not listed, and how to have them listed; empty where all are. Escaped. */
export function unlistedText({ unlisted }: Finding): string {
  if (unlisted === undefined) return '';
  const verb = unlisted.places === 1 ? 'is' : 'are';
  return `${counted(unlisted.places, 'further place')} ${verb} not listed. ${terminalText(unlisted.mend)}`;
}

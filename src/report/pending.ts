import type { Finding, Suppression } from '../core/finding.ts';
import { terminalText } from './escape/terminal.ts';

/** Where the way past a finding stands, in the change that brings it. */
const WHERE: Readonly<Record<Suppression['by'], string>> = {
  comment: 'a comment',
  config: 'the configuration',
  'ignore-file': 'an ignore file',
  baseline: 'the baseline',
};

/** Why a finding counts although its change would let it pass; empty where that is not so. */
export function pendingText({ pending }: Finding): string {
  if (pending === undefined) return '';
  const what = `${WHERE[pending.by]} of this change would let it pass (${terminalText(pending.reason)})`;
  return `${what}; that holds once it is on the base`;
}

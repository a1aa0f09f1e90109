import type { Finding } from '../../core/finding.ts';
import { terminalText } from '../escape/terminal.ts';
import type { Paste } from './rows.ts';

/**
 * The line to paste where a finding may stay; only the reason is left to fill in.
 *
 * @param command - how this program is called where the line will be pasted
 */
export function allowCommand({ fingerprint }: Finding, command = 'unleak'): Paste {
  return { paste: `${terminalText(command)} allow ${terminalText(fingerprint)} --reason "…"` };
}

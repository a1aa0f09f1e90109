import type { Finding } from '../../core/finding.ts';
import { pointAt } from '../../core/place.ts';
import { isStandIn } from '../../core/stand-in.ts';
import { terminalText } from '../escape/terminal.ts';
import { headline } from '../order.ts';
import type { Paste } from './rows.ts';

/**
 * The line to paste where a finding may stay; only the reason is left to fill in. A finding whose id was not made is named by its place.
 *
 * @param command - how this program is called where the line will be pasted
 */
export function allowCommand(finding: Finding, command = 'unleak'): Paste {
  return { paste: `${terminalText(command)} allow ${terminalText(nameOf(finding))} --reason "…"` };
}

function nameOf(finding: Finding): string {
  if (!isStandIn(finding.fingerprint)) return finding.fingerprint;
  const place = headline(finding);
  return (place === undefined ? null : pointAt(place)) ?? 'ID';
}

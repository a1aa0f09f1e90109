import { terminalText } from './terminal.ts';

/**
 * Text within a SARIF message string, where `[text](target)` is a link and
 * `{0}` a placeholder.
 *
 * @see SARIF 2.1.0 §3.11.5, §3.11.6
 */
export function sarifMessageText(text: string): string {
  return terminalText(text)
    .replace(/[\\[\]]/g, '\\$&')
    .replace(/[{}]/g, '$&$&');
}

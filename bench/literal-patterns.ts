/** The shipped literals as patterns that ripgrep reads, one a line. */
import { ALLOW_MARKERS } from '../src/detect/allow-mark.ts';
import { literalSet } from '../src/prefilter/literal-set.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';

export const { literals: LITERALS } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);

/** What finds the same hits as the prefilter: most literals in any case, some as they are. */
export const SAME_HITS: string = lines(({ bytes, exact }) => (exact ? escaped(bytes) : `(?i:${escaped(bytes)})`));

/** All as they are: fewer hits, and what ripgrep is fastest at. */
export const ONE_CASE: string = lines(({ bytes }) => escaped(bytes));

/** Patterns are bytes, binary files are text, and no ignore file counts. */
export const RIPGREP = ['--no-config', '--count', '--text', '--no-unicode', '--hidden', '--no-ignore'] as const;

/** A few literals, of key files, hold a line break, which ripgrep does not look for line by line. */
function lines(pattern: (literal: (typeof LITERALS)[number]) => string): string {
  const ofOneLine = LITERALS.filter(({ bytes }) => !bytes.includes(10));
  return `${[...new Set(ofOneLine.map(pattern))].join('\n')}\n`;
}

function escaped(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) => String.fromCharCode(byte))
    .map((char) => (/[a-z0-9]/i.test(char) ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('');
}

import { badValue, choiceFlag, type Flag, switchFlag, textFlag } from './flag.ts';

/** The names in `report/formats.ts`, without loading it; a test compares them. */
export const FORMATS = [
  'pretty',
  'json',
  'jsonl',
  'sarif',
  'junit',
  'csv',
  'gitlab',
  'codequality',
  'github',
  'markdown',
  'html',
  'gitleaks',
  'gitleaks-csv',
  'gitleaks-junit',
  'gitleaks-sarif',
] as const;

export const FORMAT = choiceFlag({
  name: 'format',
  short: 'f',
  group: 'Output',
  summary: 'how findings are written',
  value: 'NAME',
  choices: FORMATS,
  fallback: 'pretty',
});

export const OUTPUT = textFlag({
  name: 'output',
  short: 'o',
  group: 'Output',
  summary: 'write findings to a file instead of standard output',
  value: 'FILE',
});

/** `all`: Infinity; undefined where it was not typed. */
export const MAX_PLACES: Flag<number | undefined> = {
  name: 'max-places',
  group: 'Output',
  summary:
    'places that are listed of one secret, or all; the others are counted (default: 1000; all where a format has no room for their number)',
  value: 'N',
  read(given) {
    const text = given?.at(-1);
    if (text === undefined) return undefined;
    if (text === 'all') return Infinity;
    if (!/^[1-9]\d{0,8}$/.test(text)) throw badValue('max-places', text, 'give a number from 1 on, or all');
    return Number(text);
  },
};

export const SHOW_SECRETS = switchFlag({
  name: 'show-secrets',
  group: 'Output',
  summary: 'print secrets in clear; never do this in CI',
});

/** For commands that write a file of their own. */
export const BASELINE_OUTPUT = textFlag({
  name: 'output',
  short: 'o',
  group: 'Output',
  summary: 'where the baseline goes (default: .unleak-baseline)',
  value: 'FILE',
});

export const QUIET = switchFlag({
  name: 'quiet',
  short: 'q',
  group: 'Output',
  summary: 'print findings and errors, nothing else',
});

export const NO_PROGRESS = switchFlag({
  name: 'no-progress',
  group: 'Output',
  summary: 'no progress line (there is none off a terminal)',
});

export const OUTPUT_FLAGS = [FORMAT, OUTPUT, MAX_PLACES, SHOW_SECRETS, QUIET, NO_PROGRESS] as const;

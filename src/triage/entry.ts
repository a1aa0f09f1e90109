import { TriageError } from '../errors/triage.ts';
import { isDay } from './expiry.ts';
import { isFingerprint, PUBLIC_KEY_ID } from './fingerprint-id.ts';

/**
 * One line of `.unleak-allow` or of a baseline:
 *
 *     <fingerprint> [key=…] [rule=…] [owner=…] [expires=YYYY-MM-DD] [reason=… to the end of the line]
 *
 * Nothing in it depends on commits, paths or lines, so a rebase or a reformat
 * leaves it valid, and two people who add lines merge without a conflict.
 */
export interface TriageEntry {
  readonly fingerprint: string;
  /** For the reader; it decides nothing. */
  readonly rule?: string;
  /** Id of the key that the fingerprint was made with. */
  readonly key: string;
  readonly owner?: string;
  /** Last day it holds. */
  readonly expires?: string;
  readonly reason: string;
}

const FIELDS = ['rule', 'key', 'owner', 'expires'] as const;

/** A day that would be a word of the reason: the entry would hold for good, against what its writer thought. */
const DAY_IN_REASON = /(?<=^|\s)expires=(?=\d)/g;

/**
 * @param at - where the line stands, for the error, such as `.unleak-allow:12`
 * @throws TriageError `TRIAGE_FILE_INVALID` for anything that is not an entry
 */
export function parseEntry(line: string, at: string): TriageEntry {
  const cut = /(?:^|\s)reason=/.exec(line);
  const reason = cut ? line.slice(cut.index + cut[0].length).trim() : '';
  if (reason.search(DAY_IN_REASON) >= 0)
    throw invalid(at, 'has expires= behind reason=, which takes the rest of the line');
  const [fingerprint = '', ...words] = (cut ? line.slice(0, cut.index) : line).trim().split(/\s+/);
  if (!isFingerprint(fingerprint)) throw invalid(at, 'does not begin with a finding id of 26 characters');
  const { key = PUBLIC_KEY_ID, ...optional } = fields(words, at);
  return { fingerprint, key, reason, ...optional };
}

type Fields = Partial<Record<'rule' | 'key' | 'owner' | 'expires', string>>;

function fields(words: readonly string[], at: string): Fields {
  const found: Fields = {};
  for (const word of words) {
    const [name, value] = splitField(word);
    if (name === undefined) throw invalid(at, 'holds a word that is none of rule=, key=, owner=, expires=, reason=');
    if (name === 'expires' && !isDay(value)) throw invalid(at, 'has an expiry that is no date of the form YYYY-MM-DD');
    found[name] = value;
  }
  return found;
}

function splitField(word: string): [keyof Fields | undefined, string] {
  const cut = word.indexOf('=');
  const value = word.slice(cut + 1);
  const name = FIELDS.find((one) => one === word.slice(0, cut));
  return [value === '' ? undefined : name, value];
}

function invalid(at: string, what: string): TriageError {
  return new TriageError('TRIAGE_FILE_INVALID', `${at} ${what}`, { facts: { at } });
}

export function formatEntry(entry: TriageEntry): string {
  const pairs = [
    // Behind the name of a rule it would read like a key of that kind.
    ['key', entry.key === PUBLIC_KEY_ID ? '' : oneWord(entry.key)],
    ['rule', oneWord(entry.rule)],
    ['owner', oneWord(entry.owner)],
    ['expires', entry.expires ?? ''],
    ['reason', oneLine(entry.reason).replaceAll(DAY_IN_REASON, 'expires: ')],
  ] as const;
  const said = pairs.filter(([, value]) => value !== '').map(([name, value]) => `${name}=${value}`);
  return [entry.fingerprint, ...said].join(' ');
}

function oneWord(text = ''): string {
  return oneLine(text).replaceAll(/\s+/g, '-');
}

/** No control or invisible character gets into a file that people review. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

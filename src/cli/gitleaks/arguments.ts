import { ownValue } from '../../core/own-value.ts';
import { UsageError } from '../../errors/usage.ts';
import { FLAGS_OF, G_REDACT, GITLEAKS_FLAGS } from '../flags/gitleaks.ts';
import type { Flag } from '../flags/flag.ts';
import { Options } from '../options.ts';

/** A command line of gitleaks. */
export interface GitleaksArguments {
  readonly command: 'git' | 'dir' | 'stdin' | 'detect' | 'protect' | 'version';
  readonly positionals: readonly string[];
  readonly options: Options;
}

const NAMES: Readonly<Record<string, GitleaksArguments['command']>> = {
  git: 'git',
  dir: 'dir',
  file: 'dir',
  directory: 'dir',
  stdin: 'stdin',
  detect: 'detect',
  protect: 'protect',
  version: 'version',
};

/**
 * Reads a command line as gitleaks does (POSIX flags as Go's pflag takes them:
 * `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-vf value`; a switch
 * takes its value after `=` only, and so does `--redact`).
 *
 * @throws UsageError `USAGE_FLAG_UNKNOWN`, `USAGE_ARGUMENTS`
 */
export function gitleaksArguments(args: readonly string[]): GitleaksArguments {
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') positionals.push(...rest.splice(0));
    else if (arg.startsWith('--')) readLong(arg.slice(2), rest, given);
    else if (arg.startsWith('-') && arg !== '-') readShort(arg.slice(1), rest, given);
    else positionals.push(arg);
  }
  const [name, ...others] = positionals;
  const command = given.has('version') ? 'version' : ownValue(NAMES, name ?? '');
  if (command === undefined)
    throw new UsageError('USAGE_ARGUMENTS', `unleak gitleaks needs one of: ${Object.keys(NAMES).join(', ')}`);
  const known = new Set((FLAGS_OF[command] ?? []).map((flag) => flag.name));
  for (const flag of given.keys()) if (!known.has(flag) && flag !== 'version') throw unknown(`--${flag}`, command);
  const most = command === 'git' || command === 'dir' ? 1 : 0;
  const extra = others[most];
  if (extra !== undefined && command !== 'version')
    throw new UsageError('USAGE_ARGUMENTS', `unleak gitleaks ${command} does not take ${JSON.stringify(extra)}`);
  const options = new Options(given);
  for (const flag of FLAGS_OF[command] ?? []) options.get(flag);
  return { command, positionals: others, options };
}

function readLong(text: string, rest: string[], given: Map<string, string[]>): void {
  const cut = text.indexOf('=');
  const name = cut < 0 ? text : text.slice(0, cut);
  const attached = cut < 0 ? null : text.slice(cut + 1);
  if (name === 'version') {
    given.set('version', ['']);
    return;
  }
  const flag = GITLEAKS_FLAGS.find((one) => one.name === name);
  if (flag === undefined) throw unknown(`--${name}`);
  take(flag, attached, rest, given);
}

/** Letters may stand together; the first that takes a value takes the rest of the word, or the next one. */
function readShort(letters: string, rest: string[], given: Map<string, string[]>): void {
  for (let at = 0; at < letters.length; at++) {
    const flag = GITLEAKS_FLAGS.find(({ short }) => short === letters[at]);
    if (flag === undefined) throw unknown(`-${letters[at] ?? ''}`);
    const after = letters.slice(at + 1);
    if (flag.value !== undefined) {
      take(flag, after === '' ? null : after.replace(/^=/, ''), rest, given);
      return;
    }
    take(flag, after.startsWith('=') ? after.slice(1) : null, rest, given);
    if (after.startsWith('=')) return;
  }
}

const YES = /^(?:1|t|true)$/i;
const NO = /^(?:0|f|false)$/i;

function take(flag: Flag, attached: string | null, rest: string[], given: Map<string, string[]>): void {
  if (flag.value === undefined) {
    if (attached !== null && !YES.test(attached) && !NO.test(attached))
      throw new UsageError('USAGE_ARGUMENTS', `--${flag.name} is true or false, not ${JSON.stringify(attached)}`);
    if (attached === null || YES.test(attached)) given.set(flag.name, ['true']);
    else given.delete(flag.name);
    return;
  }
  const value = attached ?? (flag === G_REDACT ? '100' : rest.shift());
  if (value === undefined) throw new UsageError('USAGE_ARGUMENTS', `--${flag.name} needs a value`);
  // As with gitleaks, an empty value is as good as none.
  if (value !== '') given.set(flag.name, [...(given.get(flag.name) ?? []), value]);
}

function unknown(spelling: string, command = ''): UsageError {
  const where = command === '' ? 'gitleaks' : `gitleaks ${command}`;
  return new UsageError('USAGE_FLAG_UNKNOWN', `unleak ${where} has no flag ${spelling}`);
}

import { UsageError } from '../../errors/usage.ts';

/**
 * One option, defined once: the parser, the help and docs/CLI.md are made of
 * it. `read` may only validate, never act.
 */
export interface Flag<T = unknown> {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Heading it stands under in help. */
  readonly group: FlagGroup;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  /** What takes the value's place in help; absent for a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** All values given, in order; undefined if the option is absent. */
  read(given: readonly string[] | undefined): T;
}

export type FlagGroup = 'What is read' | 'What counts' | 'Responding' | 'Providers' | 'Output' | 'Other';

type Named = Pick<Flag, 'name' | 'group' | 'summary' | 'short'>;

/** An option without a value. */
export function switchFlag(about: Named): Flag<boolean> {
  return { ...about, read: (given) => given !== undefined };
}

/** An option with one value; given twice, the last one holds. */
export function textFlag(about: Named & { readonly value: string }): Flag<string | undefined> {
  return { ...about, read: (given) => given?.at(-1) };
}

/** An option with many values: repeated, or separated by commas. */
export function listFlag(about: Named & { readonly value: string }): Flag<readonly string[]> {
  return { ...about, read: (given) => (given ?? []).flatMap((text) => text.split(',')).filter((text) => text !== '') };
}

/** An option with one of a few values. */
export function choiceFlag<const C extends string, D extends C | undefined>(
  about: Named & { readonly value: string; readonly choices: readonly C[]; readonly fallback: D },
): Flag<C | D> {
  const { fallback, ...rest } = about;
  return {
    ...rest,
    read(given) {
      const text = given?.at(-1);
      if (text === undefined) return fallback;
      const choice = about.choices.find((candidate) => candidate === text);
      if (choice === undefined) throw badValue(about.name, text, `choose one of ${about.choices.join(', ')}`);
      return choice;
    },
  };
}

/** A whole number in a range. */
export function countFlag(
  about: Named & { readonly value: string; readonly least: number; readonly most: number },
): Flag<number | undefined> {
  const { least, most, ...rest } = about;
  return {
    ...rest,
    read(given) {
      const text = given?.at(-1);
      if (text === undefined) return undefined;
      const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (!(number >= least && number <= most))
        throw badValue(about.name, text, `give a number from ${least} to ${most}`);
      return number;
    },
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size in bytes, with an optional unit: `500k`, `20MB`, `1GiB` (all powers of 1024). */
export function sizeFlag(about: Named & { readonly value: string }): Flag<number | undefined> {
  return {
    ...about,
    read(given) {
      const text = given?.at(-1);
      if (text === undefined) return undefined;
      const match = /^(\d{1,12})\s*(b|[kmg])?(?:i?b)?$/i.exec(text);
      const unit = UNITS[(match?.[2] ?? '').toLowerCase()];
      const size = Number(match?.[1]) * (unit ?? Number.NaN);
      if (!Number.isSafeInteger(size) || size === 0)
        throw badValue(about.name, text, 'give a size such as 500k, 20M or 1G');
      return size;
    },
  };
}

export function badValue(name: string, text: string, mend: string): UsageError {
  return new UsageError('USAGE_ARGUMENTS', `--${name} cannot be ${JSON.stringify(text)}`, { mend });
}

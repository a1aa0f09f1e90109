import type { ByteSet, GoNode } from '../detect/go/pattern.ts';

/** What every match of an expression holds. */
export interface Required {
  /** Lower-case texts, one of which is in every match; null if nothing useful can be said. */
  readonly texts: readonly string[] | null;
  /** Greatest number of characters of a match; Infinity for no bound. */
  readonly longest: number;
}

/** Shorter texts are too common to lead anywhere. */
const SHORTEST = 3;
const LONGEST = 32;
/** A class of more characters than this is listed only where that helps. */
const FEW = 4;
/** Most characters of a class that are listed. */
const LISTED = 40;
/** Most texts of one set. */
const MOST = 96;

export function requiredBy(node: GoNode): Required {
  const { exact, best } = textsOf(node);
  return { texts: better(best, usable(exact)), longest: longestOf(node) };
}

function longestOf(node: GoNode): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'edge':
      return 0;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + longestOf(item), 0);
    case 'choice':
      return Math.max(...node.options.map(longestOf));
    case 'repeat': {
      const each = longestOf(node.item);
      return each === 0 || node.max === 0 ? 0 : each * node.max;
    }
  }
}

interface Texts {
  /** Everything the node can match, if that is a short list. */
  readonly exact: readonly string[] | null;
  /** A set of which every match holds one. */
  readonly best: readonly string[] | null;
}

function textsOf(node: GoNode): Texts {
  switch (node.kind) {
    case 'edge':
      return { exact: [''], best: null };
    case 'set':
      return { exact: listed(node.set), best: null };
    case 'sequence':
      return sequenceOf(node.items);
    case 'choice':
      return choiceOf(node.options.map(textsOf));
    case 'repeat':
      return repeatOf(node.item, node.min, node.max);
  }
}

/** The characters of a class in lower case, if they are few: literals are searched without case. */
function listed(set: ByteSet): readonly string[] | null {
  if (set.size > 2 * LISTED) return null;
  const chars = [...new Set([...set].map((byte) => String.fromCharCode(byte).toLowerCase()))];
  return chars.length > LISTED ? null : chars;
}

function sequenceOf(items: readonly GoNode[]): Texts {
  let best: readonly string[] | null = null;
  let run: readonly string[] = [''];
  let whole = true;
  for (const item of items.flatMap(unrolled)) {
    const texts = textsOf(item);
    best = better(best, texts.best);
    // More characters to choose from make the text rarer, and the list longer: either may be the better one.
    if (texts.exact !== null && texts.exact.length > FEW) best = better(best, usable(run));
    const longer: readonly string[] | null = texts.exact === null ? null : joined(run, texts.exact);
    if (longer !== null) {
      run = longer;
      continue;
    }
    whole = false;
    best = better(best, usable(run));
    run = texts.exact ?? [''];
  }
  return { exact: whole ? run : null, best: whole ? best : better(best, usable(run)) };
}

/** `x{3,5}` begins with an `x`, and a group with its first item: either may make the text before it rarer. */
function unrolled(node: GoNode): readonly GoNode[] {
  if (node.kind === 'sequence') return node.items.flatMap(unrolled);
  if (node.kind !== 'repeat' || node.min < 1 || node.max < 2) return [node];
  return [node.item, { ...node, min: node.min - 1, max: node.max - 1 }];
}

function joined(left: readonly string[], right: readonly string[]): readonly string[] | null {
  if (left.length * right.length > MOST) return null;
  const all = left.flatMap((start) => right.map((end) => start + end));
  return all.some((text) => text.length > LONGEST) ? null : [...new Set(all)];
}

function choiceOf(options: readonly Texts[]): Texts {
  const exact = options.every((one) => one.exact !== null) ? options.flatMap((one) => one.exact ?? []) : null;
  const sets = options.map((one) => better(one.best, usable(one.exact)));
  const best = sets.every((one) => one !== null) ? sets.flatMap((one) => one ?? []) : null;
  return {
    exact: exact !== null && exact.length <= MOST ? exact : null,
    best: best !== null && best.length <= MOST ? best : null,
  };
}

function repeatOf(item: GoNode, min: number, max: number): Texts {
  const texts = textsOf(item);
  if (min === 0) return { exact: max === 1 && texts.exact !== null ? ['', ...texts.exact] : null, best: null };
  let power: readonly string[] | null = [''];
  for (let i = 0; i < Math.min(min, LONGEST + 1) && power !== null; i++)
    power = texts.exact === null ? null : joined(power, texts.exact);
  const best = better(texts.best, usable(power));
  return { exact: min === max ? power : null, best };
}

/** Null unless each text is long enough to be searched for. */
function usable(texts: readonly string[] | null): readonly string[] | null {
  if (texts === null || texts.length === 0) return null;
  const fit = texts.every((text) => text.length >= SHORTEST && /^[\x20-\x7e]+$/.test(text));
  return fit ? [...new Set(texts)] : null;
}

/** The set that is rarer in text: of longer texts, then of fewer. */
function better(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return a ?? b;
  const difference = rarity(b) - rarity(a);
  return difference > 0 ? b : a;
}

function rarity(texts: readonly string[]): number {
  const shortest = Math.min(...texts.map((text) => text.length), 8);
  return shortest * 4 - Math.log2(texts.length);
}

/** Texts made to keep a backtracking matcher busy: a pattern's own alphabet, at length, that almost matches. */
import type { Random } from '../random.ts';
import type { CharSet, Node } from '../pattern.ts';

/** Printable members first: a text of control characters would look like no file. */
function member(set: CharSet, pick: number): string {
  const printable = [...set].filter((code) => code > 32 && code < 127);
  const codes = printable.length > 0 ? printable : [...set];
  return String.fromCharCode(codes[pick % codes.length] ?? 32);
}

/** A member of the pattern's language; `long` takes every repeat as often as it may, up to 600 times. */
export function sampleMatch(node: Node, random: Random, long: boolean): string {
  switch (node.kind) {
    case 'set':
      return member(node.set, random.below(256));
    case 'edge':
      return '';
    case 'group':
      return sampleMatch(node.item, random, long);
    case 'sequence':
      return node.items.map((item) => sampleMatch(item, random, long)).join('');
    case 'choice':
      return sampleMatch(node.options[random.below(node.options.length)] ?? { kind: 'edge', edge: '^' }, random, long);
    case 'repeat': {
      const most = Math.min(node.max, Math.max(node.min, 600));
      const times = long ? most : node.min + random.below(Math.min(most - node.min, 5) + 1);
      return Array.from({ length: times }, () => sampleMatch(node.item, random, long)).join('');
    }
  }
}

/** Every set of characters that the pattern repeats. */
function repeatedSets(node: Node): CharSet[] {
  switch (node.kind) {
    case 'set':
    case 'edge':
      return [];
    case 'group':
      return repeatedSets(node.item);
    case 'sequence':
      return node.items.flatMap(repeatedSets);
    case 'choice':
      return node.options.flatMap(repeatedSets);
    case 'repeat':
      return node.item.kind === 'set' ? [node.item.set] : repeatedSets(node.item);
  }
}

/**
 * @param size - characters of each text
 * @param opening - what the matcher's hit looks like; each text has it at its beginning and, some, throughout
 */
export function* adversarialTexts(node: Node, opening: string, size: number, random: Random): Generator<string> {
  const fill = (piece: string): string =>
    piece === '' ? '' : piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  for (const set of repeatedSets(node)) {
    for (const char of new Set([member(set, 0), member(set, 7), member(set, 40)])) {
      yield fill(char);
      yield (opening + fill(char)).slice(0, size);
      yield fill(opening + char.repeat(30));
    }
    const mixed = Array.from({ length: size }, () => member(set, random.below(256))).join('');
    yield mixed;
    yield (opening + mixed).slice(0, size);
  }
  for (let i = 0; i < 4; i++) {
    const long = sampleMatch(node, random, true).slice(0, size);
    const short = sampleMatch(node, random, false);
    // Everything but the end is right: cut short, or followed by what may not follow.
    yield long.slice(0, -1);
    yield `${long.slice(0, -1)}\u0001`;
    yield fill(short);
    yield fill(short.slice(0, -1));
    yield fill(`${short.slice(0, Math.ceil(short.length / 2))} `);
  }
  yield fill(' ');
  yield fill('\n');
  yield fill('a');
  yield fill('0');
  yield fill('=');
}

/** The ways in which the kernel and the quick search can be wrong, and a copy of the project in which they are wrong so. */
import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { QUICK, wasmModule } from '../../scripts/build-quick-wasm.ts';
import { type Edit, kernelModule } from '../../scripts/build-wasm.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where trees of a pack are scanned. */
export const TREE_SCAN = 'wasm/tree.ts';
/** Where deltas are resolved. */
export const FOREST = 'wasm/forest.ts';
/** Where trees that lead to findings are looked for. */
export const HIT_TREES = 'wasm/hit-trees.ts';
export const PASSES = 'wasm/passes.ts';
/** Where commits and trees are read one after the other. */
export const OBJECTS = 'wasm/objects.ts';
/** Where is decided what is read of a pack. */
export const STAGE = 'wasm/stage.ts';
/** Where escapes are undone. */
export const ESCAPES = 'wasm/escapes.ts';

/** Where all commits are gone through. */
export const COMMITS = 'wasm/commits.ts';
/** Where lines are counted. */
export const LINES = 'wasm/lines.ts';
/** Where literals are searched. */
export const SCAN = 'wasm/scan.ts';
/** Where zlib streams are undone. */
export const INFLATE = 'wasm/inflate.ts';
/** Where literals are found without an automaton. */
export const QUICK_SEARCH = 'wasm/quick.ts';
/** Where encoded runs are decoded to see whether a hit leads anywhere. */
export const ENCODED = 'wasm/encoded.ts';
/** Where hits are turned down. */
export const SCREEN = 'wasm/screen.ts';

export interface Mutant {
  readonly name: string;
  /** Default: where trees of a pack are scanned. */
  readonly file?: string;
  /** Occurs once in the file. */
  readonly from: string;
  readonly to: string;
}

const IN_WINDOW = `windowFrom >= from &&
        windowTo <= until &&`;
const DECIDED_AGAIN = `} else {
        pushFresh(to, ownEnd, tagged & ~CUTS);
      }`;

const IN_ESCAPES: readonly Mutant[] = [
  { name: 'escapes go on behind their run', from: 'if (at + skip + digits > end) return 0;', to: '' },
  { name: 'characters beyond a byte lose their upper bits', from: 'min<u32>(value, 0xff)', to: 'value' },
  { name: 'one escape takes a byte less', from: 'return skip + digits;', to: 'return skip + digits - 1;' },
  { name: 'references need no semicolon', from: ' || load<u8>(to) != 0x3b) return 0;', to: ') return 0;' },
  {
    name: 'decimal references take hex digits',
    from: 'if (digit > (isHex ? 15 : 9)) break;',
    to: 'if (digit > 15) break;',
  },
].map((mutant) => ({ ...mutant, file: ESCAPES }));

const IN_COMMITS: readonly Mutant[] = [
  { name: 'trees are the same whose names are', from: 'if (one == two) continue;', to: 'continue;' },
  {
    name: 'trees are the same of which one goes on',
    from: 'otherFrom != count) return false;',
    to: 'otherFrom < count) return false;',
  },
  { name: 'names do not matter', from: '!= key || glances-- <= 0', to: '== -1 || glances-- <= 0' },
  { name: 'a commit may be looked at once more', from: 'glances-- <= 0', to: 'glances-- < 0' },
  { name: 'a blob is taken for a tree', from: 'KINDS != HIT_TREE', to: 'KINDS == 4' },
  {
    name: 'only the first parent counts',
    from: 'hasSame(tree, other))) return parent;',
    to: 'hasSame(tree, other))) return parent;\n    break;',
  },
  { name: 'glances are those of all commits', from: 'glances = most;', to: 'if (commit == 0) glances = most;' },
  {
    name: 'the last parent’s marks count alone',
    from: 'mark |= number(marks, parent);',
    to: 'mark = number(marks, parent);',
  },
].map((mutant) => ({ ...mutant, file: COMMITS }));

const IN_LINES: readonly Mutant[] = [
  {
    name: 'line feeds at the end of a text are left out',
    from: 'for (; at < end; at++) count',
    to: 'for (; at + 1 < end; at++) count',
  },
  { name: 'line feeds behind the end are counted', from: 'at + 16 <= end', to: 'at < end' },
].map((mutant) => ({ ...mutant, file: LINES }));

const IN_FOREST: readonly Mutant[] = [
  { name: 'a far base is found at another distance', from: '((distance + 1) << 7)', to: '(distance << 7)' },
  { name: 'a base in another pack is taken for one that is here', from: 'base == OUTSIDE ? THIN : 0', to: '0' },
  {
    name: 'ids are looked for behind those of their first byte',
    from: 'load<u8>(id) == 0 ? 0 : load<u32>(fan - 4)',
    to: 'load<u32>(fan)',
  },
  {
    name: 'an entry’s size is that of its last bits',
    from: 'size |= <u64>(byte & 0x7f)',
    to: 'size = <u64>(byte & 0x7f)',
  },
  { name: 'a delta’s type is not known', from: 'store<u8>(types + child, type);', to: '' },
  { name: 'a base has one child at most', from: 'store<u32>(next, place + 1);', to: '' },
  { name: 'the lightest child comes last', from: 'if (own <= weight) continue;', to: 'if (own >= weight) continue;' },
].map((mutant) => ({ ...mutant, file: FOREST }));

const IN_HIT_TREES: readonly Mutant[] = [
  {
    name: 'what a tree has from its base leads to nothing',
    from: 'if (base >= 0 && load<u8>(marks + base) != 0) return true;',
    to: '',
  },
  {
    name: 'names lead to nothing',
    from: 'if (isMarked(marks, edge) || nameHit(edge) >= 0) return true;',
    to: 'if (isMarked(marks, edge)) return true;',
  },
  { name: 'names are not listed', from: ' && nameHit(edge) < 0) continue;', to: ') continue;' },
  { name: 'entries from the base stand one further', from: 'place + stands - first', to: 'place + stands - first + 1' },
  { name: 'a run of the base ends one later', from: 'stands >= <u32>first + n', to: 'stands > <u32>first + n' },
  {
    name: 'trees in trees lead to nothing',
    from: '(load<u8>(marks + child) & HOLDING) != 0) return true',
    to: 'false) return true',
  },
  { name: 'few entries are listed as they come', from: 'to > from && keyAt(keys, to - 1) > key', to: 'false' },
  {
    name: 'of many entries, those of one name change places',
    from: 'keyAt(keys, right) < keyAt(halfKeys, left)',
    to: 'keyAt(keys, right) <= keyAt(halfKeys, left)',
  },
  {
    name: 'halves of many entries stay as they are',
    from: 'if (keyAt(keys, middle - 1) <= keyAt(keys, middle)) return;',
    to: 'return;',
  },
].map((mutant) => ({ ...mutant, file: HIT_TREES }));

const IN_PASSES: readonly Mutant[] = [
  { name: 'another copy is flagged too', from: 'row != NOT_TAKEN &&', to: '' },
  { name: 'all rows are meant', from: '(wanted == 0 || load<u8>(wanted + row) == 1)', to: 'true' },
  { name: 'bases are not needed', from: 'store<u8>(flags + base, load<u8>(flags + base) | NEEDED);', to: '{}' },
  { name: 'a batch ends one tree later', from: 'if (weight < limit) continue;', to: 'if (weight <= limit) continue;' },
  { name: 'batches do not become smaller', from: 'left -= weight;', to: '' },
  { name: 'weights are not capped', from: '<u32>min<u64>(<u64>a + <u64>b, 0xffffffff)', to: 'a + b' },
  { name: 'equal ids pass where they must differ', from: '(strict && rest == 0)', to: 'false' },
  { name: 'ids are compared by their first bytes', from: 'if (rest < 0 ||', to: 'if (' },
  {
    name: 'the last buckets are not started',
    from: 'while (bucket < buckets) store<u32>(cell(starts, bucket++), count);',
    to: '',
  },
  { name: 'subtrees are not followed', from: 'if (load<u8>(types + target) == TREE) store', to: 'if (false) store' },
  { name: 'absent ids are not told', from: 'store<u8>(absent + ~(target + 1), 1);', to: '{}' },
  {
    name: 'an orphan is any delta',
    from: 'if (base >= 0 && (load<u8>(states + base) & REACHED) == 0) return i;',
    to: 'if (base >= 0) return i;',
  },
].map((mutant) => ({ ...mutant, file: PASSES }));

const IN_STAGE: readonly Mutant[] = [
  { name: 'children are left out', from: 'if (isNeeded(child)) store', to: 'if (false) store' },
  { name: 'what nobody needs is read', from: 'if (isNeeded(child)) store', to: 'if (true) store' },
  { name: 'entries that lie apart are one read', from: 'from - end > gap', to: 'false' },
  { name: 'a read ends with its first entry', from: 'store<u32>(next - READ, end - start, 4);', to: '{}' },
  { name: 'reads lie on each other', from: 'if (next != reads) target += end - start;\n      start', to: 'start' },
  { name: 'what lies between always fits', from: 'bytesWith(GAP) <= room ? GAP : 0', to: 'GAP' },
  { name: 'marks stay', from: 'if (entry == NONE) clearStage();', to: '' },
  { name: 'places stay where there is no room', from: 'store<u32>(cell(places, entry), 0);', to: '{}' },
  {
    name: 'the last word of marks is forgotten',
    from: '((<usize>highest >> 6) << 3) + 8 - first',
    to: '((<usize>highest >> 6) << 3) - first',
  },
  { name: 'a part is a root too many', from: 'stagedBytes < limit', to: 'stagedBytes <= limit' },
].map((mutant) => ({ ...mutant, file: STAGE }));

const IN_OBJECTS: readonly Mutant[] = [
  { name: 'a signature may hold anything', from: '&& !isBase64Line(from, at)) return 0;', to: '&& false) return 0;' },
  { name: 'zero bytes are nothing', from: 'if (!i8x16.all_true(bytes)) return false;', to: '' },
  { name: 'a signature stays at the end', from: 'if (isArmour(at + <usize>ctz(found), end)) return false;', to: '' },
  { name: 'a parent leaves no line', from: 'to += 1 + parents;', to: 'to += 1;' },
  {
    name: 'hits of one text count for the next',
    from: 'load<u32>(hit) <= before + length',
    to: 'load<u32>(hit) < before + length',
  },
  { name: 'records are read too late', from: 'if (records + LONGEST_RECORD > <usize>own(RECORDS_END) || ', to: 'if (' },
  {
    name: 'a tree ends with its last entry’s start',
    from: 'store<u32>(starts + (<usize>count << 2), size);',
    to: '{}',
  },
  { name: 'names that did not fit leave their entries', from: 'takeBack();\n    return NAMES;', to: 'return NAMES;' },
  {
    name: 'what is built on a tree is built on its base',
    from: 'rowOf(parentEntry()), firstStep',
    to: 'rowOf(entry), firstStep',
  },
  { name: 'there is room for any tree', from: 'if (!hasRoomFor(most)) {', to: 'if (false) {' },
].map((mutant) => ({ ...mutant, file: OBJECTS }));

const IN_SCAN: readonly Mutant[] = [
  { name: 'what shares leave over is not read', from: 'at < last + rest;', to: 'at < last;' },
  { name: 'a share’s last bytes are not copied', from: 'v128.store(to + last, v128.load(from + last));', to: '' },
  { name: 'streams begin where the one before ends', from: 'const step = share - overlap;', to: 'const step = share;' },
  { name: 'what two streams see is found twice', from: 'if (at <= after) continue;', to: '' },
  { name: 'shares may be shorter than a vector', from: 'STREAMS * (16 + 2 * overlap)', to: '64 + 16 * overlap' },
  { name: 'hits are where lanes are', from: 'start - (lanes + stream * LANE), after', to: '0, after' },
].map((mutant) => ({ ...mutant, file: SCAN }));

const REFILL = `buffer |= load<u64>(from) << (<u64>have);
        from += (~have >> 3) & 7;
        have |= 56;
        const inner`;

const IN_INFLATE: readonly Mutant[] = [
  { name: 'no more bits are read within a long length', from: REFILL, to: 'const inner' },
  {
    name: 'no more bits are read within a long distance',
    from: REFILL.replaceAll('        ', '      '),
    to: 'const inner',
  },
  { name: 'long matches stand still', from: '        source += 32;\n', to: '' },
  {
    name: 'matches of more than 32 bytes end there',
    from: 'if (left > 32) {',
    to: 'if (left > 64) {',
  },
  {
    name: 'matches of more than 64 bytes end there',
    from: '} while (left > 32);',
    to: '} while (left > 64);',
  },
].map((mutant) => ({ ...mutant, file: INFLATE }));

const IN_QUICK_SEARCH: readonly Mutant[] = [
  {
    name: 'the last places of a text are not looked at',
    from: 'at < size; at += PLACES',
    to: 'at + PLACES <= size; at += PLACES',
  },
  {
    name: 'nothing goes on where what is folded at a time ends',
    from: 'store<u64>(folded, load<u64>(folded + FOLDED_AT_ONCE));',
    to: '',
  },
  { name: 'Z is no capital', from: 'i8x16.splat(26)', to: 'i8x16.splat(25)' },
  { name: 'the last four of sixteen places count beside others alone', from: 'v128.or(third, fourth)', to: 'third' },
  { name: 'a bit of the filter is asked in place of another', from: '32, 64, -128', to: '32, -128, -128' },
  { name: 'every literal has all neighbours', from: '((item >>> INDEX_BITS) & 15)', to: '15' },
  { name: 'what is before a text counts', from: 'length > end || ', to: '' },
  { name: 'what was said of a run is said of another text’s', from: '  forgetRun(last - first);\n', to: '' },
  {
    name: 'a run that is full of hits holds nothing',
    from: 'if (found > HITS_IN_RUN) return true;',
    to: 'if (found > HITS_IN_RUN) return false;',
  },
  {
    name: 'a run within a run is let go',
    from: 'if (((facts >>> 1) & 7) != PLAIN) return true;',
    to: 'if (((facts >>> 1) & 7) != PLAIN) continue;',
  },
  { name: 'a run that goes on behind what is known is whole', from: '(edges & AT_END) != 0', to: 'true' },
].map((mutant) => ({ ...mutant, file: QUICK_SEARCH }));

const IN_ENCODED: readonly Mutant[] = [
  { name: 'only what ends with its text may be cut', from: 'to - runTo < BESIDE', to: 'runTo == to' },
  { name: 'all readings of a run are one', from: ' && skip == lastSkip', to: '' },
  {
    name: 'a hit that has lost the beginning of its group stands for those that have not',
    from: 'min(skipFor(<u32>(start - from), encoding), before)',
    to: 'skipFor(<u32>(start - from), encoding)',
  },
  { name: 'hex and base64 are read alike', from: 'form == lastForm && ', to: '' },
  { name: 'any run is decoded however long', from: 'if (runTo - runFrom > LONGEST) return UNKNOWN;', to: '' },
  { name: 'a blank ends a run of backslashes', from: 'form == ESCAPE || ', to: '' },
].map((mutant) => ({ ...mutant, file: ENCODED }));

const IN_SCREEN: readonly Mutant[] = [
  { name: 'windows have no least width', from: 'max<usize>(load<u32>(at, AFTER), EDGE)', to: 'load<u32>(at, AFTER)' },
  { name: 'windows end a byte earlier', from: '? end + after : last', to: '? end + after - 1 : last' },
  { name: 'a lead that is still open at its reach is none', from: 'return stop < to;', to: 'return false;' },
  { name: 'a row that ends with its window is none', from: '- 1; probe < to;', to: '- 1; probe + 1 < to;' },
  { name: 'a row in base64 has one character more', from: '(4 * length + 2) / 3', to: '(4 * length + 5) / 3' },
  {
    name: 'what is too long to be undone holds nothing',
    from: 'if (to - from > UNESCAPED_BYTES) return true;',
    to: 'if (to - from > UNESCAPED_BYTES) return false;',
  },
  { name: 'references are not undone', from: 'for (let i = 0; i < 3; i++) {', to: 'for (let i = 0; i < 2; i++) {' },
  { name: 'a name has two words behind it at most', from: 'word == 3', to: 'word == 2' },
  {
    name: 'names are what they are however long their row is',
    from: 'if (end == at + 64 && end < to && is(end, PART)) return true;',
    to: '',
  },
  {
    name: 'nothing is left out at the end of the longest values',
    from: '<usize>load<u16>(value, MOST) + LEFT_OUT',
    to: '<usize>load<u16>(value, MOST)',
  },
  { name: 'hard blanks do not end values', from: ' || byte == 0xa0', to: '' },
  {
    name: 'a line break counts in what base64 says',
    from: 'load<u16>(value, MOST) + LINE_BREAK',
    to: 'load<u16>(value, MOST)',
  },
  {
    name: 'a line break is no end of what base64 says',
    from: 'if (!isBreak && !has(value, byte))',
    to: 'if (!has(value, byte))',
  },
  { name: 'a dash is no digit of base64', from: 'byte == 0x2b || byte == 0x2d', to: 'byte == 0x2b' },
  { name: 'padding is a digit of base64', from: '  while (end > at && load<u8>(end - 1) == 0x3d) end--;\n', to: '' },
  { name: 'only what one screen turns down is told', from: 'passed |= bit;', to: 'return bit;' },
  {
    name: 'screens behind the last bit are asked once',
    from: '(passed & bit) == 0 && passes(at',
    to: 'i < SCREEN_BITS && passes(at',
  },
  {
    name: 'large tables of names are read the other way round',
    from: '(<u32>load<u8>(cell) << 8) | load<u8>(cell, 1)',
    to: '(<u32>load<u8>(cell, 1) << 8) | load<u8>(cell)',
  },
].map((mutant) => ({ ...mutant, file: SCREEN }));

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'junctions where text was only deleted are not searched',
    from: 'const skip = isCopy && !afterCopy;',
    to: 'const skip = isCopy;',
  },
  { name: 'a decision is inherited with its match, not its window', from: IN_WINDOW, to: '' },
  { name: 'only the window’s start is looked at', from: IN_WINDOW, to: 'windowFrom >= from &&' },
  { name: 'only the window’s end is looked at', from: IN_WINDOW, to: 'windowTo <= until &&' },
  {
    name: 'what was decided as none is not decided again',
    from: DECIDED_AGAIN,
    to: `} else {
        if (load<u32>(hit, DECISION) == NONE) continue;
        pushFresh(to, ownEnd, tagged & ~CUTS);
      }`,
  },
  {
    name: 'what was rejected is not decided again',
    from: DECIDED_AGAIN,
    to: `} else {
        const decided = load<u32>(hit, DECISION);
        if (decided < mostDecisions && decided < nextDecision && load<u8>(alive + decided) == 0) continue;
        pushFresh(to, ownEnd, tagged & ~CUTS);
      }`,
  },
  {
    name: 'rejections are not inherited, nor decided again in descendants',
    from: 'if (end - length < from || end < length) continue;',
    to: 'if (end - length < from || end < length || load<u32>(hit, DECISION) == NONE) continue;',
  },
  { name: 'a cut at the start is ignored', from: '(!(tagged & CUT_START) || start == 0) &&', to: '' },
  {
    name: 'a cut at the end is ignored',
    from: '(!(tagged & CUT_END) || (until == parentSize && start + n == size))',
    to: 'true',
  },
  {
    name: 'inherited hits are shifted by one',
    from: 'const ownEnd = end - from + start;',
    to: 'const ownEnd = end - from + start + 1;',
  },
  {
    name: 'inherited windows are shifted by one',
    from: 'store<u32>(to, windowFrom - from + start, FROM);',
    to: 'store<u32>(to, windowFrom - from + start + 1, FROM);',
  },
  {
    name: 'changed facts are ignored',
    from: 'return segmentsEnd > segments && load<u32>(segments, 4) == 0 && load<u32>(segments, 8) >= HEAD;',
    to: 'return true;',
  },
  {
    name: 'a byte less is searched beside what is new',
    from: 'const reach = <u32>longestPiece - 1;',
    to: 'const reach = <u32>longestPiece - 2;',
  },
  { name: 'a long literal is taken for its piece', from: '(isLong && !isWhole(hit, literal)) ||', to: '' },
  {
    name: 'a long literal’s window begins with its piece',
    from: 'let from: u32 = isAtStart ? 0 : to - length;',
    to: 'let from: u32 = to - pieceOf(literal);',
  },
  {
    name: 'a text that begins in the midst of a long literal is not cut there',
    from: 'if (from < before || isAtStart) cuts |= CUT_START;',
    to: 'if (from < before) cuts |= CUT_START;',
  },
  {
    name: 'hits that lie in one run are listed twice',
    from: 'if (!(load<u32>(own, 4) & INSERTED) && load<u32>(own) + load<u32>(own, 8) >= end) continue;',
    to: '',
  },
  {
    name: 'a run is decoded by other groups than its hit’s',
    from: 'const skip = skipFor(start, encoding);',
    to: 'const skip = (skipFor(start, encoding) + 1) % groupOf(encoding);',
  },
  {
    name: 'nothing is ever found in a run',
    from: 'const may = mayMatchAnywhere(0, hits, <u32>found, context + RUN_RECORDS + <usize>layer * RECORD_ROOM);',
    to: 'const may = false;',
  },
  {
    name: 'what is encoded within a run is let go',
    from: 'if (run != 0 ? mayHoldDecoded(record, literal, run) :',
    to: 'if (run != 0 ? false :',
  },
  {
    name: 'what is encoded in more layers than are undone is let go',
    from: 'if (encoding == 0 || layer == LAYERS) return true;',
    to: 'if (layer == LAYERS) return false;\n  if (encoding == 0) return true;',
  },
  {
    name: 'what was found out about runs outlives their object',
    from: 'function beginRuns(): void {\n  forgetRuns();',
    to: 'function beginRuns(): void {',
  },
  {
    name: 'what was found out about a run within a run outlives that',
    from: 'layer++;\n  forgetRuns();',
    to: 'layer++;',
  },
  {
    name: 'what was found out about runs is that of runs within them',
    from: 'context + RUNS + <usize>layer * KINDS_OF_RUN + <usize>(ctz(run) & 7) * KIND_OF_RUN',
    to: 'context + RUNS + <usize>(ctz(run) & 7) * KIND_OF_RUN',
  },
  {
    name: 'all alignments of a run are one',
    from: 'const said = known + R_VERDICTS + skip;',
    to: 'const said = known + R_VERDICTS;',
  },
  {
    name: 'no backslash is undone that leads meet',
    from: 'if (byte == 0x5c) no = IF_ESCAPED;',
    to: '',
  },
  {
    name: 'windows are looked through as if nothing in them were an escape',
    from: 'if (at == 0 || hasEscape(at, at + length)) return true;',
    to: 'if (at == 0) return true;',
  },
  {
    name: 'leads are looked for at the window’s start alone',
    from: 'for (; start < end; start++) {\n    let row = LEAD_START;',
    to: 'for (const past = start + 1; start < past; start++) {\n    let row = LEAD_START;',
  },
  ...IN_ESCAPES,
  ...IN_COMMITS,
  ...IN_LINES,
  ...IN_SCAN,
  ...IN_INFLATE,
  ...IN_FOREST,
  ...IN_HIT_TREES,
  ...IN_PASSES,
  ...IN_OBJECTS,
  ...IN_STAGE,
  ...IN_QUICK_SEARCH,
  ...IN_ENCODED,
  ...IN_SCREEN,
];

/** A copy of what the tests need, in which the kernel may be broken. */
export function copyProject(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'unleak-mutants-'));
  for (const name of [
    'src',
    'test',
    'bench',
    'scripts',
    'fixtures',
    'wasm',
    'rules',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
  ])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

/** What is compiled on its own, and where in a copy it goes. */
interface Module {
  readonly file: string;
  readonly compile: (edit?: Edit) => Promise<string>;
}

const KERNEL: Module = { file: 'src/kernel/kernel.generated.ts', compile: kernelModule };
const QUICK_MODULE: Module = { file: QUICK.file, compile: (edit) => wasmModule(QUICK, edit) };

/** Screens are in the kernel too, where tests meet fewer of them. */
function moduleOf(file: string): Module {
  return file === QUICK_SEARCH || file === ENCODED || file === SCREEN ? QUICK_MODULE : KERNEL;
}

/** Compiles the copy's kernel, or its quick search; both as they are if there is no mutant. */
export async function breakKernel(folder: string, mutant: Mutant | null): Promise<void> {
  if (mutant === null) {
    for (const { file, compile } of [KERNEL, QUICK_MODULE]) writeFileSync(path.join(folder, file), await compile());
    return;
  }
  let edits = 0;
  const source = mutant.file ?? TREE_SCAN;
  const module = moduleOf(source);
  const compiled = await module.compile((name, text) => {
    if (name !== source) return text;
    const parts = text.split(mutant.from);
    // The compiler reads some files twice.
    edits = parts.length - 1;
    return parts.join(mutant.to);
  });
  if (edits !== 1) throw new Error(`${mutant.name}: its text occurs ${edits} times in ${source}`);
  writeFileSync(path.join(folder, module.file), compiled);
}

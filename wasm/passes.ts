// Passes over all entries of a pack, or all rows of a table: what would be a loop over millions of numbers in
// JavaScript that runs once, and so before anything has made it quick. `src/git/pack/passes.ts` calls them; what they
// compute, `delta-tree.ts`, `index-file.ts` and `object-table.ts` say in TypeScript.

/** In a column of rows: another copy of the object is used. */
const NOT_TAKEN: u32 = 0xffffffff;
const WHOLE: i32 = -1;
/** In a column of flags, see `src/kernel/tree-job.ts`. */
const WANTED: u8 = 1;
const NEEDED: u8 = 2;
/** What an entry costs besides its bytes, in bytes. */
const ENTRY_COST: u32 = 256;
/** Types as a table has them, by those that packs have, a nibble each: unknown, commit, tree, blob, tag, unknown. */
const TABLE_TYPES: u64 = 0x444430124;

// @ts-ignore: decorator
@inline
function cell(column: usize, index: u32): usize {
  return column + (<usize>index << 2);
}

/** Turns numbers of 32 bits from network order. @returns all of them, or-ed */
export function swapWords(from: usize, count: u32, to: usize): u32 {
  let all: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const number = bswap(load<u32>(cell(from, i)));
    all |= number;
    store<u32>(cell(to, i), number);
  }
  return all;
}

/** The first of the ids from `first` on that is below the one before it, or `end`; with `strict`, or equal to it. */
export function findDescent(ids: usize, idBytes: usize, first: u32, end: u32, strict: bool): u32 {
  for (let i = max(first, 1); i < end; i++) {
    const at = ids + <usize>i * idBytes;
    const before = bswap(load<u64>(at - idBytes));
    const own = bswap(load<u64>(at));
    if (own > before) continue;
    if (own < before) return i;
    const rest = memory.compare(at + 8, at - idBytes + 8, idBytes - 8);
    if (rest < 0 || (strict && rest == 0)) return i;
  }
  return end;
}

/** By ids' first bits, all but `shift` of 32, the first id that has these or more. @param buckets - 2^n + 1 */
export function startBuckets(ids: usize, idBytes: usize, count: u32, shift: u32, starts: usize, buckets: u32): void {
  let bucket: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const own = bswap(load<u32>(ids + <usize>i * idBytes)) >> shift;
    while (bucket <= own) store<u32>(cell(starts, bucket++), i);
  }
  while (bucket < buckets) store<u32>(cell(starts, bucket++), count);
}

/** Writes 0, 1, 2, … */
export function countUp(at: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(cell(at, i), i);
}

/** By row: the type of each entry that is the copy to use. */
export function spreadToRows(types: usize, rows: usize, count: u32, out: usize): void {
  for (let entry: u32 = 0; entry < count; entry++) {
    const row = load<u32>(cell(rows, entry));
    if (row == NOT_TAKEN) continue;
    const type = <u64>min<u8>(load<u8>(types + entry), 8);
    store<u8>(out + row, <u8>((TABLE_TYPES >> (type << 2)) & 15));
  }
}

/** Positions of the bytes that are `byte`. @returns how many */
export function listBytes(at: usize, count: u32, byte: u8, out: usize): u32 {
  let listed: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(cell(out, listed), i);
    listed += u32(load<u8>(at + i) == byte);
  }
  return listed;
}

/** How many bytes have one of these bits. */
export function countBits(at: usize, count: u32, bits: u8): u32 {
  let counted: u32 = 0;
  for (let i: u32 = 0; i < count; i++) counted += u32((load<u8>(at + i) & bits) != 0);
  return counted;
}

/**
 * Flags the entries of a type that are the copies to use.
 * @param wanted - by row, 1 for those that are meant; 0: all are
 * @returns how many
 */
export function markEntries(types: usize, rows: usize, count: u32, type: u8, wanted: usize, flags: usize): u32 {
  let marked: u32 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    const row = load<u32>(cell(rows, entry));
    const isMeant =
      row != NOT_TAKEN && load<u8>(types + entry) == type && (wanted == 0 || load<u8>(wanted + row) == 1);
    store<u8>(flags + entry, isMeant ? WANTED | NEEDED : 0);
    marked += u32(isMeant);
  }
  return marked;
}

/** Flags what the entries at the places [first, end) of the order are built from; from the last place to the first. */
export function markNeeded(order: usize, bases: usize, first: u32, end: u32, flags: usize): void {
  for (let i = end; i > first; i--) {
    const entry = load<u32>(cell(order, i - 1));
    if ((load<u8>(flags + entry) & NEEDED) == 0) continue;
    const base = load<i32>(cell(bases, entry));
    if (base >= 0) store<u8>(flags + base, load<u8>(flags + base) | NEEDED);
  }
}

/** Adds up the inflated bytes of what is needed of a tree, at its root; from the last place to the first. */
export function addWeights(
  order: usize,
  bases: usize,
  sizes: usize,
  first: u32,
  end: u32,
  flags: usize,
  weights: usize,
): void {
  for (let i = end; i > first; i--) {
    const entry = load<u32>(cell(order, i - 1));
    if ((load<u8>(flags + entry) & NEEDED) == 0) continue;
    const own = capped(capped(load<u32>(cell(weights, entry)), load<u32>(cell(sizes, entry))), ENTRY_COST);
    store<u32>(cell(weights, entry), own);
    const base = load<i32>(cell(bases, entry));
    if (base >= 0) store<u32>(cell(weights, base), capped(load<u32>(cell(weights, base)), own));
  }
}

// @ts-ignore: decorator
@inline
function capped(a: u32, b: u32): u32 {
  return <u32>min<u64>(<u64>a + <u64>b, 0xffffffff);
}

/** What `cutBatches` listed. */
export let rootCount: u32 = 0;

/**
 * Lists the roots of needed trees, cut where a batch is heavy enough: has a part of what is left, or `least` if that is more.
 * @param part - one of so many
 * @param batches - three words each: first and last place in `roots`, weight
 * @returns how many batches
 */
export function cutBatches(
  bases: usize,
  count: u32,
  flags: usize,
  weights: usize,
  least: u32,
  part: u32,
  roots: usize,
  batches: usize,
): u32 {
  let listed: u32 = 0;
  let left: u64 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    if ((load<u8>(flags + entry) & NEEDED) == 0 || load<i32>(cell(bases, entry)) != WHOLE) continue;
    store<u32>(cell(roots, listed++), entry);
    left += load<u32>(cell(weights, entry));
  }
  rootCount = listed;
  let first: u32 = 0;
  let weight: u64 = 0;
  let limit = max<u64>(least, left / part);
  let cut: u32 = 0;
  for (let place: u32 = 0; place < listed; place++) {
    weight += load<u32>(cell(weights, load<u32>(cell(roots, place))));
    if (weight < limit) continue;
    putBatch(batches, cut++, first, place + 1, <u32>min<u64>(weight, 0xffffffff));
    first = place + 1;
    left -= weight;
    limit = max<u64>(least, left / part);
    weight = 0;
  }
  if (listed > first) putBatch(batches, cut++, first, listed, <u32>min<u64>(weight, 0xffffffff));
  return cut;
}

function putBatch(batches: usize, number: u32, first: u32, end: u32, weight: u32): void {
  const at = cell(batches, 3 * number);
  store<u32>(at, first);
  store<u32>(at, end, 4);
  store<u32>(at, weight, 8);
}

// Reach: see `src/sources/history/following.ts`, which has the same list of words.

const ORDER: usize = 0;
const TREES: usize = 4;
const BASES: usize = 8;
const FIRST_STEP: usize = 12;
const STEP_END: usize = 16;
const STEPS: usize = 20;
const TARGETS: usize = 24;
/** By position: types as a table has them, and states. */
const TYPES: usize = 28;
const STATES: usize = 32;
/** Room for as many words as there are trees. */
const STACK: usize = 36;
/** By number of an absent id: 1 if something reached names it. */
const ABSENT: usize = 40;

const TREE: u8 = 1;
const REACHED: u8 = 1;
/** In `targets`: in another repository; what is below stands for an absent id. */
const NO_TARGET: i32 = -1;

let job: usize = 0;

export function setReachJob(at: usize): void {
  job = at;
}

// @ts-ignore: decorator
@inline
function column(word: usize): usize {
  return <usize>load<u32>(job + word);
}

/** Marks what the reached ones of the trees at the places [first, end) of the order lead to. */
export function followTrees(first: u32, end: u32): void {
  const order = column(ORDER);
  const states = column(STATES);
  for (let i = first; i < end; i++) {
    const tree = load<u32>(cell(order, i));
    if ((load<u8>(states + tree) & REACHED) != 0) follow(tree);
  }
}

/** Marks what a tree's own entries lead to, and so on. */
export function follow(tree: u32): void {
  const firstStep = column(FIRST_STEP);
  const stepEnd = column(STEP_END);
  const steps = column(STEPS);
  const targets = column(TARGETS);
  const types = column(TYPES);
  const states = column(STATES);
  const stack = column(STACK);
  const absent = column(ABSENT);
  store<u32>(stack, tree);
  let height: u32 = 1;
  while (height > 0) {
    const top = load<u32>(cell(stack, --height));
    const stop = load<u32>(cell(stepEnd, top));
    for (let at = load<u32>(cell(firstStep, top)); at < stop; at += 2) {
      const own = ~load<i32>(cell(steps, at));
      if (own < 0) continue;
      let edge = cell(targets, own);
      const behind = edge + (<usize>load<u32>(cell(steps, at), 4) << 2);
      for (; edge < behind; edge += 4) {
        const target = load<i32>(edge);
        if (target < 0) {
          if (target < NO_TARGET) store<u8>(absent + ~(target + 1), 1);
          continue;
        }
        const state = load<u8>(states + target);
        if ((state & REACHED) != 0) continue;
        store<u8>(states + target, state | REACHED);
        if (load<u8>(types + target) == TREE) store<u32>(cell(stack, height++), target);
      }
    }
  }
}

/** The place in the order, from `first` on, of a tree that is reached while its base is not; or how many there are. */
export function findOrphan(first: u32): u32 {
  const order = column(ORDER);
  const bases = column(BASES);
  const states = column(STATES);
  const end = <u32>column(TREES);
  for (let i = first; i < end; i++) {
    const tree = load<u32>(cell(order, i));
    if ((load<u8>(states + tree) & REACHED) == 0) continue;
    const base = load<i32>(cell(bases, tree));
    if (base >= 0 && (load<u8>(states + base) & REACHED) == 0) return i;
  }
  return end;
}

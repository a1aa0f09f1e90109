// Finds the trees that hold a hit in what was kept of all trees: the same steps as in
// `src/sources/history/packed-hits.ts`, which says what they are for.
//
// Trees are gone through in pieces, a call each: the engine makes a function quick between two calls, never during one.

const TREE_KIND: u32 = 1;
const HIT_BLOB: u32 = 0;
const HIT_NAME: u32 = 1;
const HIT_TREE: u32 = 2;

// The job, 32-bit words; `src/git/trees-with.ts` has the same list. Lists are those of `TreeDeltas`.
let job: usize = 0;
const ORDER: usize = 0;
/** By place in the order: where the tree's own edges end; they lie in that order. */
const EDGE_ENDS: usize = 4;
const BASES: usize = 8;
const FIRST_STEP: usize = 12;
const STEP_END: usize = 16;
const STEPS: usize = 20;
const TARGETS: usize = 24;
const ENTRIES: usize = 28;
/** By position: a byte, the type of the object. */
const TYPES: usize = 32;
/**
 * By position: the number of a tree that holds a hit, from 1 on; of a blob that is one, its complement. Else 0. It is part of the
 * answer, see `HitTrees`.
 */
const NUMBERS: usize = 36;
/** By name: the hit that it is plus one, or 0. No names if the address is 0. */
const NAME_HITS: usize = 40;
/** By position: a byte, of MARKED and HOLDING. */
const MARKS: usize = 44;
/** By position: where the tree's list begins: how many entries, and of each where it stands in its tree, and its edge. */
const STARTS: usize = 48;
const LISTS: usize = 52;
/** Words that these may have, divided by two. */
const CAPACITY: usize = 56;
/** Which type is that of trees. */
const TREE_TYPE: usize = 60;
/** The rest of the answer; keys have eight bytes. */
const FIRSTS: usize = 64;
const KEYS: usize = 68;
const LEADS: usize = 72;
const COUNT: usize = 76;
const LISTED: usize = 80;
const LEAD_COUNT: usize = 84;
/** Entries listed of one tree, at most. */
const LONGEST: usize = 88;
/** Room for so many keys, and as many leads: half of what one tree can have. */
const HALF_KEYS: usize = 92;
const HALF_LEADS: usize = 96;

/** So few are put in order one by one. */
const FEW: u32 = 12;
/** Trees gone through together: what they need is touched first, so that the processor waits for many places in memory at once. */
const TOGETHER: u32 = 64;
/** So that touching is not taken for idle. */
export let touched: u32 = 0;

/** What may hold a hit, or is one. */
const MARKED: u8 = 1;
/** A tree that does hold one. */
const HOLDING: u8 = 2;

let targets: usize = 0;
let entries: usize = 0;
let types: usize = 0;
let treeType: u32 = 0;
let numbers: usize = 0;
let nameHits: usize = 0;

// @ts-ignore: decorator
@inline
function word(at: usize): usize {
  return <usize>load<u32>(job + at);
}

// @ts-ignore: decorator
@inline
function number(list: usize, index: u32): i32 {
  return load<i32>(list + (<usize>index << 2));
}

export function setHitJob(at: usize): void {
  job = at;
  targets = word(TARGETS);
  entries = word(ENTRIES);
  types = word(TYPES);
  treeType = <u32>word(TREE_TYPE);
  numbers = word(NUMBERS);
  nameHits = word(NAME_HITS);
}

/**
 * Marks what leads to something marked, among the trees at the places [first, end) of the order.
 *
 * @returns whether there was any
 */
export function spreadMarks(first: u32, end: u32, isBackward: bool): bool {
  const order = word(ORDER);
  const marks = word(MARKS);
  const bases = word(BASES);
  const ends = word(EDGE_ENDS);
  let hasFound = false;
  for (let from = first; from < end; from += TOGETHER) {
    const to = min(from + TOGETHER, end);
    touchBases(isBackward ? end - (to - first) : from, isBackward ? end - (from - first) : to, order, marks, bases);
    for (let i = from; i < to; i++) {
      const place = isBackward ? end - 1 - (i - first) : i;
      const tree = number(order, place);
      if (load<u8>(marks + tree) != 0 || !leadsToMarked(marks, number(bases, tree), ends, place)) continue;
      store<u8>(marks + tree, MARKED);
      hasFound = true;
    }
  }
  return hasFound;
}

function touchBases(first: u32, end: u32, order: usize, marks: usize, bases: usize): void {
  let sum: u32 = 0;
  for (let i = first; i < end; i++) {
    const tree = number(order, i);
    sum += load<u8>(marks + tree) + number(bases, tree);
  }
  touched = sum;
}

function leadsToMarked(marks: usize, base: i32, ends: usize, place: u32): bool {
  if (base >= 0 && load<u8>(marks + base) != 0) return true;
  const end = number(ends, place);
  for (let edge = place == 0 ? 0 : number(ends, place - 1); edge < end; edge++)
    if (isMarked(marks, edge) || nameHit(edge) >= 0) return true;
  return false;
}

/** Whether an entry leads to what may hold a hit, or is one. */
// @ts-ignore: decorator
@inline
function isMarked(marks: usize, edge: u32): bool {
  const target = number(targets, edge);
  return target >= 0 && load<u8>(marks + target) != 0;
}

// @ts-ignore: decorator
@inline
function nameHit(edge: u32): i32 {
  return nameHits == 0 ? -1 : number(nameHits, number(entries, edge) >>> 2) - 1;
}

/** The hit that an entry leads to, or −1. */
// @ts-ignore: decorator
@inline
function blobHit(edge: u32): i32 {
  const target = number(targets, edge);
  if (target < 0 || (number(entries, edge) & 3) == TREE_KIND) return -1;
  const hit = ~number(numbers, target);
  return hit < 0 ? -1 : hit;
}

/** The tree that an entry leads to, or −1. */
// @ts-ignore: decorator
@inline
function treeOf(edge: u32): i32 {
  const target = number(targets, edge);
  if (target < 0 || (number(entries, edge) & 3) != TREE_KIND) return -1;
  return <u32>load<u8>(types + target) == treeType ? target : -1;
}

function isHit(edge: u32): bool {
  return blobHit(edge) >= 0 || nameHit(edge) >= 0;
}

/** Of each marked tree, the entries that lead to what is marked. @returns false if there is no room for them */
export function listMarked(begin: u32, until: u32): bool {
  const order = word(ORDER);
  const marks = word(MARKS);
  const starts = word(STARTS);
  const steps = word(STEPS);
  const lists = word(LISTS);
  const capacity = <u32>word(CAPACITY);
  let listed = <u32>word(LISTED);
  const bases = word(BASES);
  const firsts = word(FIRST_STEP);
  const ends = word(STEP_END);
  for (let i = begin; i < until; i++) {
    if ((i - begin) % TOGETHER == 0) touchLists(i, min(i + TOGETHER, until), order, marks);
    const tree = number(order, i);
    if (load<u8>(marks + tree) == 0) continue;
    const base = number(bases, tree);
    // A base that is not marked has no such entry.
    const baseAt: u32 = base < 0 || load<u8>(marks + base) == 0 ? 0 : number(starts, base);
    const baseCount: u32 = baseAt == 0 ? 0 : load<u32>(lists + (<usize>baseAt << 3));
    // A head of two words, of which one is not used. The first list begins at 1: 0 is none.
    const head = ++listed;
    if (head >= capacity) return false;
    store<u32>(starts + (<usize>tree << 2), head);
    let place: u32 = 0;
    const stop = number(ends, tree);
    for (let step = number(firsts, tree); step < stop; step += 2) {
      const first = number(steps, step);
      const n: u32 = number(steps, step + 1);
      if (first >= 0) {
        for (let from = firstFrom(lists, baseAt + 1, baseAt + 1 + baseCount, first); from <= baseAt + baseCount; from++) {
          const stands = load<u32>(lists + (<usize>from << 3));
          if (stands >= <u32>first + n) break;
          if (++listed >= capacity) return false;
          put(lists, listed, place + stands - first, load<u32>(lists + (<usize>from << 3), 4));
        }
      } else {
        const own: u32 = ~first;
        for (let edge = own; edge < own + n; edge++) {
          // What is marked is a blob that is a hit, or what is taken for a tree.
          if (!(isMarked(marks, edge) && (treeOf(edge) >= 0 || blobHit(edge) >= 0)) && nameHit(edge) < 0) continue;
          if (++listed >= capacity) return false;
          put(lists, listed, place + edge - own, edge);
        }
      }
      place += n;
    }
    put(lists, head, listed - head, 0);
    if (listed - head > <u32>word(LONGEST)) store<u32>(job, listed - head, LONGEST);
  }
  store<u32>(job, listed, LISTED);
  return true;
}

/** What listing marked trees asks of them and of their bases. */
function touchLists(first: u32, end: u32, order: usize, marks: usize): void {
  const bases = word(BASES);
  const firsts = word(FIRST_STEP);
  const ends = word(STEP_END);
  const starts = word(STARTS);
  let sum: u32 = 0;
  for (let i = first; i < end; i++) {
    const tree = number(order, i);
    if (load<u8>(marks + tree) == 0) continue;
    sum += number(bases, tree) + number(firsts, tree) + number(ends, tree) + number(starts, tree);
  }
  const steps = word(STEPS);
  for (let i = first; i < end; i++) {
    const tree = number(order, i);
    if (load<u8>(marks + tree) == 0) continue;
    const base = number(bases, tree);
    sum += number(steps, number(firsts, tree));
    if (base >= 0) sum += number(starts, base) + load<u8>(marks + base);
  }
  const lists = word(LISTS);
  const capacity = <u32>word(CAPACITY);
  for (let i = first; i < end; i++) {
    const tree = number(order, i);
    const base = load<u8>(marks + tree) == 0 ? -1 : number(bases, tree);
    // Of a base that is listed only now there is no start yet, but anything.
    if (base >= 0) sum += load<u32>(lists + (<usize>min(<u32>number(starts, base), capacity) << 3));
  }
  touched = sum;
}

// @ts-ignore: decorator
@inline
function put(lists: usize, at: u32, first: u32, second: u32): void {
  store<u32>(lists + (<usize>at << 3), first);
  store<u32>(lists + (<usize>at << 3), second, 4);
}

/** The first of a range of entries that stands at `least` or behind it. */
function firstFrom(lists: usize, from: u32, to: u32, least: u32): u32 {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (load<u32>(lists + (<usize>middle << 3)) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** As `spreadMarks`, for trees that really hold a hit. */
export function spreadHolds(first: u32, end: u32, isBackward: bool): bool {
  const order = word(ORDER);
  const marks = word(MARKS);
  let hasFound = false;
  for (let from = first; from < end; from += TOGETHER) {
    const to = min(from + TOGETHER, end);
    touchFirst(isBackward ? end - (to - first) : from, isBackward ? end - (from - first) : to, order, marks);
    for (let i = from; i < to; i++) {
      const tree = number(order, isBackward ? end - 1 - (i - first) : i);
      if (load<u8>(marks + tree) != MARKED || !holdsOne(marks, tree)) continue;
      store<u8>(marks + tree, MARKED | HOLDING);
      hasFound = true;
    }
  }
  return hasFound;
}

/** What tells of the first entry of marked trees' lists where it leads. */
function touchFirst(first: u32, end: u32, order: usize, marks: usize): void {
  const starts = word(STARTS);
  const lists = word(LISTS);
  let sum: u32 = 0;
  for (let i = first; i < end; i++) {
    const tree = number(order, i);
    if (load<u8>(marks + tree) == MARKED) sum += load<u32>(lists + (<usize>number(starts, tree) << 3));
  }
  for (let i = first; i < end; i++) {
    const tree = number(order, i);
    if (load<u8>(marks + tree) != MARKED) continue;
    const list = lists + (<usize>number(starts, tree) << 3);
    // Of an empty list what follows is another's.
    if (load<u32>(list) > 0) sum += number(targets, load<u32>(list, 12)) + number(entries, load<u32>(list, 12));
  }
  touched = sum;
}

function holdsOne(marks: usize, tree: u32): bool {
  const list = word(LISTS) + (<usize>number(word(STARTS), tree) << 3);
  const end = list + (<usize>load<u32>(list) << 3);
  for (let at = list; at < end; at += 8) {
    const edge = load<u32>(at, 12);
    if (isHit(edge)) return true;
    const child = treeOf(edge);
    if (child >= 0 && (load<u8>(marks + child) & HOLDING) != 0) return true;
  }
  return false;
}

/** Numbers the trees that hold a hit, by position. */
export function numberHolding(first: u32, end: u32): void {
  const marks = word(MARKS);
  let count = <u32>word(COUNT);
  for (let position = first; position < end; position++) {
    if ((load<u8>(marks + position) & HOLDING) != 0) store<u32>(numbers + (<usize>position << 2), ++count);
  }
  store<u32>(job, count, COUNT);
}

/**
 * Lists what leads to a hit in each of the trees at the positions [first, end): by rising key, and of equal ones in the order of the
 * entries. `KEYS` and `LEADS` have room for twice as many as were listed.
 */
export function packHolding(first: u32, end: u32): void {
  const marks = word(MARKS);
  const firsts = word(FIRSTS);
  const starts = word(STARTS);
  let length = <u32>word(LEAD_COUNT);
  for (let position = first; position < end; position++) {
    if ((position - first) % TOGETHER == 0) touchLeads(position, min(position + TOGETHER, end), marks, starts);
    if ((load<u8>(marks + position) & HOLDING) == 0) continue;
    const start = length;
    const list = word(LISTS) + (<usize>number(starts, position) << 3);
    const stop = list + (<usize>load<u32>(list) << 3);
    for (let at = list; at < stop; at += 8) length = addLeads(load<u32>(at, 12), length);
    sortLeads(start, length);
    store<u32>(firsts + (<usize>number(numbers, position) << 2), length);
  }
  store<u32>(job, length, LEAD_COUNT);
}

/** What packing asks of the trees at the positions [first, end), and of the first entries of their lists. */
function touchLeads(first: u32, end: u32, marks: usize, starts: usize): void {
  const lists = word(LISTS);
  let sum: u32 = 0;
  for (let position = first; position < end; position++)
    if ((load<u8>(marks + position) & HOLDING) != 0) sum += load<u32>(lists + (<usize>number(starts, position) << 3));
  for (let position = first; position < end; position++) {
    if ((load<u8>(marks + position) & HOLDING) == 0) continue;
    const list = lists + (<usize>number(starts, position) << 3);
    const stop = list + (<usize>min(load<u32>(list), FEW) << 3);
    for (let at = list; at < stop; at += 8) sum += number(entries, load<u32>(at, 12)) + number(targets, load<u32>(at, 12));
  }
  for (let position = first; position < end; position++) {
    if ((load<u8>(marks + position) & HOLDING) == 0) continue;
    const list = lists + (<usize>number(starts, position) << 3);
    const stop = list + (<usize>min(load<u32>(list), FEW) << 3);
    for (let at = list; at < stop; at += 8) {
      const target = number(targets, load<u32>(at, 12));
      if (target >= 0) sum += number(numbers, target) + load<u8>(types + target);
    }
  }
  touched = sum;
}

function addLeads(edge: u32, length: u32): u32 {
  const name = <f64>(<u32>number(entries, edge) >>> 2) * 4;
  const named = nameHit(edge);
  if (named >= 0) putLead(length++, name + <f64>HIT_NAME, named);
  const hit = blobHit(edge);
  if (hit >= 0) putLead(length++, name + <f64>HIT_BLOB, hit);
  const tree = treeOf(edge);
  if (tree >= 0 && number(numbers, tree) > 0) putLead(length++, name + <f64>HIT_TREE, number(numbers, tree) - 1);
  return length;
}

// @ts-ignore: decorator
@inline
function keyAt(keys: usize, at: u32): f64 {
  return load<f64>(keys + (<usize>at << 3));
}

// @ts-ignore: decorator
@inline
function putLead(at: u32, key: f64, target: i32): void {
  store<f64>(word(KEYS) + (<usize>at << 3), key);
  store<i32>(word(LEADS) + (<usize>at << 2), target);
}

/**
 * Puts leads in the order of their keys, equal ones staying as they are. They mostly are so already: numbers of names rise as entries
 * do. Nobody must be able to make a tree of which each entry moves past all others.
 */
function sortLeads(from: u32, to: u32): void {
  const keys = word(KEYS);
  const leads = word(LEADS);
  if (to - from <= FEW) {
    for (let i = from + 1; i < to; i++) moveBack(keys, leads, from, i);
    return;
  }
  const middle = from + ((to - from) >>> 1);
  sortLeads(from, middle);
  sortLeads(middle, to);
  if (keyAt(keys, middle - 1) <= keyAt(keys, middle)) return;
  const halfKeys = word(HALF_KEYS);
  const halfLeads = word(HALF_LEADS);
  const half = middle - from;
  memory.copy(halfKeys, keys + (<usize>from << 3), <usize>half << 3);
  memory.copy(halfLeads, leads + (<usize>from << 2), <usize>half << 2);
  let right = middle;
  let at = from;
  for (let left: u32 = 0; left < half; at++) {
    if (right < to && keyAt(keys, right) < keyAt(halfKeys, left)) {
      putLead(at, keyAt(keys, right), number(leads, right));
      right++;
    } else {
      putLead(at, keyAt(halfKeys, left), number(halfLeads, left));
      left++;
    }
  }
}

/** Moves one before those of [from, at) that are to come after it. */
// @ts-ignore: decorator
@inline
function moveBack(keys: usize, leads: usize, from: u32, at: u32): void {
  const key = keyAt(keys, at);
  const target = number(leads, at);
  let to = at;
  for (; to > from && keyAt(keys, to - 1) > key; to--) putLead(to, keyAt(keys, to - 1), number(leads, to - 1));
  putLead(to, key, target);
}

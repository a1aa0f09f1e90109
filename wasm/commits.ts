// Loops over all commits of a history, of which each is quick and there are many: which of them have the same hits as a parent
// (`src/sources/history/walk.ts` says what for), and which descend from those that are asked about (`holders.ts`).

/** `HIT_TREE` of `hit-trees.ts`, and what keys are names multiplied by. */
const HIT_TREE: f64 = 2;
const KINDS: f64 = 4;

// Trees with hits as `HitTrees` has them, and how many of their entries may be looked at for one commit.
let treeStarts: usize = 0;
let keys: usize = 0;
let targets: usize = 0;
let glances: i32 = 0;
// Parents as `CommitGraph.parentLists` has them.
let parentStarts: usize = 0;
let parents: usize = 0;

// @ts-ignore: decorator
@inline
function number(list: usize, index: u32): i32 {
  return load<i32>(list + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function put(list: usize, index: u32, value: i32): void {
  store<i32>(list + (<usize>index << 2), value);
}

export function setParents(starts: usize, numbers: usize): void {
  parentStarts = starts;
  parents = numbers;
}

export function setHitTrees(starts: usize, keyList: usize, targetList: usize): void {
  treeStarts = starts;
  keys = keyList;
  targets = targetList;
}

/**
 * For the commits [first, end) a parent that has the same hits at the same paths, or −1 if none has, or that takes more than so many
 * glances.
 *
 * @param roots - by commit: the number of its tree, or −1
 */
export function findSameParents(first: u32, end: u32, roots: usize, most: i32, same: usize): void {
  for (let commit = first; commit < end; commit++) {
    glances = most;
    put(same, commit, sameParent(commit, roots));
  }
}

function sameParent(commit: u32, roots: usize): i32 {
  const tree = number(roots, commit);
  const stop = number(parentStarts, commit + 1);
  for (let at = number(parentStarts, commit); at < stop; at++) {
    const parent = number(parents, at);
    if (parent < 0) continue;
    const other = number(roots, parent);
    if (tree == other || (tree >= 0 && other >= 0 && hasSame(tree, other))) return parent;
  }
  return -1;
}

/** No deeper than there are glances. */
function hasSame(tree: u32, other: u32): bool {
  const from: u32 = number(treeStarts, tree);
  const count: u32 = number(treeStarts, tree + 1) - from;
  const otherFrom: u32 = number(treeStarts, other);
  if (<u32>number(treeStarts, other + 1) - otherFrom != count) return false;
  for (let i: u32 = 0; i < count; i++) {
    const key = load<f64>(keys + (<usize>(from + i) << 3));
    if (load<f64>(keys + (<usize>(otherFrom + i) << 3)) != key || glances-- <= 0) return false;
    const one = number(targets, from + i);
    const two = number(targets, otherFrom + i);
    if (one == two) continue;
    if (key - floor(key / KINDS) * KINDS != HIT_TREE || !hasSame(one, two)) return false;
  }
  return true;
}

/** Or-s to the marks of commits those of their parents. @param order - commits, parents first, of which those at [first, end) */
export function handDown(order: usize, first: u32, end: u32, marks: usize): void {
  for (let i = first; i < end; i++) {
    const commit = number(order, i);
    let mark = number(marks, commit);
    const stop = number(parentStarts, commit + 1);
    for (let at = number(parentStarts, commit); at < stop; at++) {
      const parent = number(parents, at);
      if (parent >= 0) mark |= number(marks, parent);
    }
    put(marks, commit, mark);
  }
}

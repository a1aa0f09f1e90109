import type { KernelMemory } from './instance.ts';

/**
 * Which entry of a pack is a delta on which: columns of `count` entries, in the
 * order of their offsets. `git/pack/delta-tree.ts` makes them.
 */
export interface EntryColumns {
  readonly count: number;
  /** Byte offset of the entry in the pack, one after the last where that ends; and bytes from an entry's to its compressed data. */
  readonly offsets: ArrayLike<number>;
  readonly headerSizes: ArrayLike<number>;
  /** Inflated bytes, as the entry's header states them. */
  readonly sizes: ArrayLike<number>;
  /** Children of entry `i` are `children[firstChild[i] … firstChild[i + 1])`, that with the most descendants last. */
  readonly firstChild: Uint32Array;
  readonly children: Uint32Array;
  /** Where they lie, if that is in the kernel's memory. */
  readonly places?: ColumnPlaces | null;
}

/** Addresses of a pack's columns. */
export interface ColumnPlaces {
  readonly offsets: number;
  readonly headerSizes: number;
  readonly sizes: number;
  readonly firstChild: number;
  readonly children: number;
}

/** A pack in a kernel's memory, ready to be scanned by any thread. Addresses. */
export interface LoadedEntries extends ColumnPlaces {
  readonly count: number;
  /** Of its first byte, and behind its last entry. Of a pack in a file only the distance between them says anything. */
  readonly pack: number;
  readonly packEnd: number;
  /** Of a pack in a file, of which what is needed at a time is in memory; else null. */
  readonly file: EntriesFile | null;
  readonly flags: number;
  /** Sizes of the wanted entries that were decided; written by the scan. */
  readonly results: number;
}

/** A pack that is read by parts. */
export interface EntriesFile {
  readonly fd: number;
  /** By entry: its address while it is in memory, else 0. */
  readonly staged: number;
}

/** In the column of flags: decisions of this entry are to be listed. */
export const WANTED = 1;
/** It is wanted, or something built from it is. */
export const NEEDED = 2;

/** Sizes from here on fit no arena; the kernel answers `no-room`. */
const HUGE = 0xffffffff;

/**
 * Puts the columns that the kernel needs in its memory, if they are not there already.
 *
 * @param pack - address of the pack's first byte, `INPUT_SLACK` readable bytes must follow its last one; or the open file
 * @param entriesEnd - offset in the pack behind the last entry
 * @param flags - address of `WANTED`, `NEEDED`, both or 0 for each entry
 */
export function loadEntries(
  memory: KernelMemory,
  pack: number | { readonly fd: number },
  entriesEnd: number,
  columns: EntryColumns,
  flags: number,
): LoadedEntries {
  const { count } = columns;
  const places = loadColumns(memory, columns);
  const start = typeof pack === 'number' ? pack : 0;
  const file = typeof pack === 'number' ? null : { fd: pack.fd, staged: memory.reserve(count * 4) };
  const results = memory.reserve(count * 4);
  return { count, pack: start, packEnd: start + entriesEnd, file, ...places, flags, results };
}

/** Where the columns lie in the kernel's memory; they are copied there if they are not there already. */
export function loadColumns(memory: KernelMemory, columns: EntryColumns): ColumnPlaces {
  const { offsets, headerSizes, sizes, firstChild, children } = columns.places ?? copyColumns(memory, columns);
  return { offsets, headerSizes, sizes, firstChild, children };
}

function copyColumns(memory: KernelMemory, columns: EntryColumns): ColumnPlaces {
  const { count, offsets, headerSizes, sizes, firstChild, children } = columns;
  const at = {
    offsets: memory.reserve((count + 1) * 4),
    headerSizes: memory.reserve(count),
    sizes: memory.reserve(count * 4),
    firstChild: memory.reserve((count + 1) * 4),
    children: memory.reserve(children.length * 4),
  };
  const stated = memory.words(at.sizes, count);
  for (let entry = 0; entry < count; entry++) stated[entry] = Math.min(sizes[entry] ?? 0, HUGE);
  memory.words(at.offsets, count + 1).set(offsets);
  memory.bytes.set(headerSizes, at.headerSizes);
  memory.words(at.firstChild, count + 1).set(firstChild.subarray(0, count + 1));
  memory.words(at.children, children.length).set(children);
  return at;
}

/** What a decision about a hit of one literal may depend on. */
export interface LiteralReach {
  /** Bytes before the hit's start and after its end; with a run, before the run's start and after its end, and at least 1. */
  readonly before: number;
  readonly after: number;
  /** So many token characters in a row must follow within `after`, else the decision is *none* (0: no gate). */
  readonly gate: number;
  /** Characters a run around the hit may consist of: one of the bits 2, 4, 8, … of the byte classes. 0: no run. */
  readonly run: number;
  /** How that run is encoded, if the kernel may decode it to see whether there can be anything in it. */
  readonly encoding?: RunEncoding | null;
  /** Of these at least one must not rule a match out, else the decision is *none*. Empty: nothing is ruled out. */
  readonly leads: readonly LeadColumns[];
  /** Or of these one must not, at some place of the window. */
  readonly scans?: readonly LeadColumns[];
}

/** Of a literal whose run the kernel can decode. */
export interface RunEncoding {
  readonly form: keyof typeof ENCODINGS;
  /** In base64: characters of the run before the literal, modulo a group's. */
  readonly phase: number;
}

/** As `wasm/runs.ts` and `wasm/escapes.ts` have them. */
const ENCODINGS = { base64: 1, hex: 2, percent: 3, escape: 4, html: 6 } as const;

export function encodingNumber(encoding: RunEncoding | null): number {
  return encoding === null ? 0 : ENCODINGS[encoding.form] | (encoding.phase << 8);
}

/** An automaton over the bytes from a hit's first on; `detect/lead.ts` makes it. */
export interface LeadColumns {
  readonly columnOf: Uint8Array;
  readonly columns: number;
  readonly rows: Uint8Array;
}

/** Screens of names in a kernel's memory; `wasm/screen.ts` reads them. Addresses. */
export interface LoadedScreens {
  readonly screens: number;
  /** 512 bytes that the code itself uses. */
  readonly own: number;
}

/** Reaches and byte classes in a kernel's memory. Addresses. */
export interface LoadedReaches {
  readonly traits: number;
  readonly byteClasses: number;
  /** A byte that occurs in no literal. */
  readonly separator: number;
  readonly screens: LoadedScreens | null;
}

/** Of a literal, in `traits`; `wasm/tree.ts` says the same. */
const TRAIT_WORDS = 8;

/** In the byte classes: may be part of a token. */
export const TOKEN_CLASS = 1;

/** What names are looked for around literals. */
export interface NameScreens {
  readonly words: Uint32Array;
  /** By index of a literal: the word at which the list of its screens begins, or 0. */
  readonly listOf: (literal: number) => number;
}

/**
 * @param literals - the automaton's, in its order
 * @param reachOf - by index of a literal; many share one
 * @param classOf - class bits of a byte
 * @param names - where there are any
 * @returns null if the literals leave no byte unused, so that texts cannot be kept apart
 */
export function loadReaches(
  memory: KernelMemory,
  literals: readonly { readonly bytes: Uint8Array }[],
  reachOf: (literal: number) => LiteralReach,
  classOf: (byte: number) => number,
  names: NameScreens | null = null,
): LoadedReaches | null {
  const separator = unusedByte(literals);
  if (separator < 0) return null;
  const traitsOf = traitWriter(memory);
  const screens = names === null ? null : loadScreens(memory, names.words);
  const words = new Int32Array(literals.length * TRAIT_WORDS);
  for (let literal = 0; literal < literals.length; literal++) {
    const at = literal * TRAIT_WORDS;
    words.set(traitsOf(reachOf(literal)), at);
    const list = names?.listOf(literal) ?? 0;
    if (list !== 0 && screens !== null) words[at + SCREENS_WORD] = screens.screens + list * 4;
  }
  const traits = memory.reserve(words.byteLength);
  memory.words(traits, words.length).set(words);
  const byteClasses = memory.reserve(256);
  for (let byte = 0; byte < 256; byte++) memory.bytes[byteClasses + byte] = classOf(byte);
  return { traits, byteClasses, separator, screens };
}

/** Which word of a literal's traits says where its screens are. */
const SCREENS_WORD = 5;

/** The words of a literal's traits but for its screens, made once for each reach. */
function traitWriter(memory: KernelMemory): (reach: LiteralReach) => Int32Array {
  const loadLeads = leadLoader(memory);
  const made = new Map<LiteralReach, Int32Array>();
  return (reach) => {
    const known = made.get(reach);
    if (known !== undefined) return known;
    const { before, after, gate, run, leads, scans = [], encoding = null } = reach;
    // A run's end is known by the byte behind it, so that byte belongs to the window.
    const least = run === 0 ? 0 : 1;
    const edges = [Math.max(before, least), Math.max(after, least)];
    const words = Int32Array.of(...edges, gate, run, loadLeads(leads), 0, encodingNumber(encoding), loadLeads(scans));
    made.set(reach, words);
    return words;
  };
}

/** Puts screens in memory, and room beside them. */
export function loadScreens(memory: KernelMemory, words: Uint32Array): LoadedScreens {
  const screens = memory.reserve(words.byteLength);
  memory.words(screens, words.length).set(words);
  return { screens, own: memory.reserve(512) };
}

/** Puts leads in memory, each once; answers the address of a list of them, 0 of none. */
function leadLoader(memory: KernelMemory): (leads: readonly LeadColumns[]) => number {
  const places = new Map<LeadColumns, number>();
  const place = (lead: LeadColumns): number => {
    const known = places.get(lead);
    if (known !== undefined) return known;
    const at = memory.reserve(256 + lead.rows.length);
    memory.bytes.set(lead.columnOf, at);
    memory.bytes.set(lead.rows, at + 256);
    places.set(lead, at);
    return at;
  };
  return (leads) => {
    if (leads.length === 0) return 0;
    const entries = leads.flatMap((lead) => [place(lead), lead.columns]);
    const at = memory.reserve(4 + entries.length * 4);
    memory.words(at, 1 + entries.length).set([leads.length, ...entries]);
    return at;
  };
}

function unusedByte(literals: readonly { readonly bytes: Uint8Array }[]): number {
  const used = new Uint8Array(256);
  for (const { bytes } of literals) for (let i = 0; i < bytes.length; i++) used[bytes[i]!] = 1;
  // Either case of a letter stands for both.
  for (let byte = 0x41; byte <= 0x5a; byte++) used[byte] = used[byte ^ 0x20] = used[byte]! | used[byte ^ 0x20]!;
  return used.lastIndexOf(0);
}

/**
 * What literals reach, as `loadReaches` puts it in a kernel's memory, kept between runs. It holds addresses, so it can only be
 * put where it was made: in a memory that holds nothing yet, behind screens that are as long.
 */
import type { KernelMemory } from './instance.ts';
import { type LoadedReaches, loadScreens } from './tree-job.ts';

/** File with the words for the built-in rules, in the folder of the command. */
export const REACHES_FILE = 'quick.reaches';

/** Room for all of it, screens included. */
export const REACHES_ROOM = 4 << 20;

const FORMAT = 0x554c_0101;
/** Format, address of the screens, their words, address of what follows them, of the traits, of the byte classes; the separator. */
const HEADER = 7;
const CLASSES = 256;

/**
 * Lays out what `loadReaches` has put in a memory, but for the screens: those are kept elsewhere.
 *
 * @param screens - words that it was given
 */
export function packReaches(memory: KernelMemory, reaches: LoadedReaches, screens: Uint32Array): Uint32Array {
  const { traits, byteClasses, separator } = reaches;
  if (reaches.screens === null) throw new RangeError('there are no screens');
  const from = behindScreens(reaches.screens.own);
  if (byteClasses + CLASSES > REACHES_ROOM) throw new RangeError('there is no room for what literals reach');
  const words = memory.words(from, (byteClasses + CLASSES - from) / 4);
  const packed = new Uint32Array(HEADER + words.length);
  packed.set([FORMAT, reaches.screens.screens, screens.length, from, traits, byteClasses, separator]);
  packed.set(words, HEADER);
  return packed;
}

/**
 * Puts it in a memory.
 *
 * @param screens - of the same rules
 * @returns null if it was not made for this place, or by another version
 * @throws KernelError `KERNEL_MEMORY`
 */
export function openReaches(memory: KernelMemory, packed: Uint32Array, screens: Uint32Array): LoadedReaches | null {
  const [format, first, length, from = 0, traits = 0, byteClasses = 0, separator = 0] = packed;
  if (format !== FORMAT || length !== screens.length || memory.reserve(0) !== first) return null;
  const place = loadScreens(memory, screens);
  const words = packed.subarray(HEADER);
  if (behindScreens(place.own) !== from || byteClasses + CLASSES !== from + words.byteLength) return null;
  memory.words(memory.reserve(words.byteLength), words.length).set(words);
  return { traits, byteClasses, separator, screens: place };
}

/** What is put in a memory next begins at a multiple of 64. */
function behindScreens(own: number): number {
  return Math.ceil((own + 512) / 64) * 64;
}

import type { Prefilter } from './literal.ts';
import { fillIn, openLiterals, type PackedLiterals } from './packed.ts';
import { QUICK_WASM_BASE64 } from './quick-wasm.generated.ts';

/** What wasm/quick.ts exports. Addresses and sizes are bytes. */
interface QuickExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  open(words: number): void;
  find(text: number, length: number, out: number, capacity: number): number;
}

const PAGE = 65_536;
/** No address is 0. */
const WORDS_AT = 16;
const FIRST_HITS = 4096;
/** Bytes of a hit: literal and end, 32 bits each. */
const HIT = 8;

/**
 * The packed prefilter in WebAssembly. It is compiled in half a millisecond and
 * fast from the first byte, where JavaScript takes twenty to warm up.
 *
 * @throws RangeError if the words are not what this version of `packLiterals` writes
 */
export function wasmPackedPrefilter(pack: PackedLiterals): Prefilter {
  const opened = openLiterals(pack);
  const kernel = instantiate();
  const textAt = WORDS_AT + pack.words.byteLength;
  reserve(kernel, textAt);
  new Uint32Array(kernel.memory.buffer).set(pack.words, WORDS_AT / 4);
  kernel.open(WORDS_AT);
  return {
    literals: opened.literals,
    find(bytes, start, end, hits) {
      const length = end - start;
      const hitsAt = textAt + ((length + 7) & ~7);
      let capacity = FIRST_HITS;
      reserve(kernel, hitsAt + capacity * HIT);
      new Uint8Array(kernel.memory.buffer, textAt, length).set(bytes.subarray(start, end));
      let count = kernel.find(textAt, length, hitsAt, capacity);
      if (count > capacity) {
        capacity = count;
        reserve(kernel, hitsAt + capacity * HIT);
        count = kernel.find(textAt, length, hitsAt, capacity);
      }
      const found = new Uint32Array(kernel.memory.buffer, hitsAt, count * 2);
      for (let i = 0; i < found.length; i += 2) {
        const index = found[i] ?? 0;
        fillIn(opened, index);
        hits.push(index, start + (found[i + 1] ?? 0));
      }
    },
  };
}

function reserve({ memory }: QuickExports, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
}

function instantiate(): QuickExports {
  const module = new WebAssembly.Module(new Uint8Array(Buffer.from(QUICK_WASM_BASE64, 'base64')));
  const { exports } = new WebAssembly.Instance(module, {});
  if (!isQuickExports(exports)) throw new TypeError('the quick prefilter is not what was built');
  return exports;
}

function isQuickExports(exports: unknown): exports is QuickExports {
  return (
    typeof exports === 'object' && exports !== null && 'memory' in exports && 'open' in exports && 'find' in exports
  );
}

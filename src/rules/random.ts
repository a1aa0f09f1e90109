/** Random choices that repeat: the same seed gives the same values on every machine. */
export interface Random {
  /** A whole number from 0 up to, not including, `below` (at most 2^32). */
  below(below: number): number;
}

/** FNV-1a, to turn a name into a seed. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** A 32-bit generator (splitmix32): good enough for samples, not for keys. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(below) {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      mixed ^= mixed >>> 15;
      return Math.floor(((mixed >>> 0) / 2 ** 32) * below);
    },
  };
}

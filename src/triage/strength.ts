const RUNS = /[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^A-Za-z0-9]+/g;

/**
 * How hard a value is to guess, in bits: the lower of what its words, numbers
 * and signs would take, and of its Shannon entropy times its length.
 *
 * Deliberately low for anything that could be a word. Fingerprints depend on
 * which side of 80 it falls, so these figures are frozen.
 *
 * @returns bits, ≥ 0
 */
export function guessingBits(text: string): number {
  let bits = 0;
  for (const [run] of text.matchAll(RUNS)) bits += run.length * bitsEach(run);
  return Math.min(bits, shannon(text) * text.length);
}

/** Whether `guessingBits` is at least so many. Of long values, such as whole private keys, it looks at a part. */
export function isAsHardAs(text: string, least: number): boolean {
  let bits = 0;
  for (const [run] of text.matchAll(RUNS)) {
    bits += run.length * bitsEach(run);
    if (bits >= least) return shannon(text) * text.length >= least;
  }
  return Math.min(bits, shannon(text) * text.length) >= least;
}

function bitsEach(run: string): number {
  const first = run.charAt(0);
  if (/[0-9]/.test(first)) return Math.log2(10);
  if (!/[A-Za-z]/.test(first)) return 4;
  // From four letters on it may be a word: English carries about 1.5 bits a letter.
  return run.length < 4 ? Math.log2(26) : 1.5;
}

/** How often each code unit stands in the text at hand; 0 between texts. */
const COUNTS = new Uint32Array(0x10000);

function shannon(text: string): number {
  // Added up in the order in which they come: another might round otherwise.
  const met: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const before = COUNTS[unit] ?? 0;
    if (before === 0) met.push(unit);
    COUNTS[unit] = before + 1;
  }
  let sum = 0;
  for (const unit of met) {
    const share = (COUNTS[unit] ?? 0) / text.length;
    sum -= share * Math.log2(share);
    COUNTS[unit] = 0;
  }
  return sum;
}

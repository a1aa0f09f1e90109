import type { BlobScan } from '../core/detector.ts';
import type { Secret } from '../core/secret.ts';

/** A shorter value may be a word, and would be blotted out everywhere. */
const SHORTEST = 12;
/** Past so many a runner, which looks for each in every line, gets slow: then values in clear alone. */
const MANY = 4000;
/** What a PEM block begins and ends with is no secret. */
const FRAME = /^-{5}/;

/**
 * Hands found secrets to the runner's masking, each value once, before anything
 * is printed about them.
 */
export class Masks {
  readonly #known = new Set<string>();
  readonly #mask: (value: string) => void;

  /** @param mask - see `Runner.mask` */
  constructor(mask: (value: string) => void) {
    this.#mask = mask;
  }

  /** Everything that a blob gave away: secrets, and the parts that belong to them. */
  learn({ findings }: BlobScan): void {
    for (const { secret, parts } of findings)
      for (const one of [secret, ...parts.map((part) => part.secret)]) this.#add(one);
  }

  #add(secret: Secret): void {
    const bytes = Buffer.from(secret.reveal(), 'latin1');
    for (const text of new Set([secret.reveal(), bytes.toString('utf8')]))
      for (const line of [text, ...text.split(/[\r\n]+/)])
        for (const form of this.#formsOf(line.trim())) this.#addText(form);
  }

  #formsOf(line: string): Iterable<string> {
    return this.#known.size < MANY ? formsOf(line) : [line];
  }

  #addText(text: string): void {
    // The runner takes a mask line by line, and would take an empty one for everything.
    if (text.length < SHORTEST || /[\r\n]/.test(text) || FRAME.test(text) || this.#known.has(text)) return;
    this.#known.add(text);
    this.#mask(text);
  }
}

/** A value as it appears in clear and in the encodings that logs show. */
function* formsOf(line: string): Generator<string> {
  if (line.length < SHORTEST || FRAME.test(line)) return;
  yield line;
  yield JSON.stringify(line).slice(1, -1);
  yield wellFormed(line);
  const bytes = Buffer.from(line, 'utf8');
  yield bytes.toString('hex');
  yield bytes.toString('hex').toUpperCase();
  for (let shift = 0; shift < 3; shift++) {
    const text = base64Core(bytes, shift);
    yield text;
    yield text.replaceAll('+', '-').replaceAll('/', '_');
  }
}

function wellFormed(line: string): string {
  return encodeURIComponent(line.replace(/\p{Cs}/gu, '\ufffd'));
}

/** The characters of base64 that depend on these bytes alone, at one of the three places a text can begin. */
function base64Core(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor(((shift + bytes.length) * 8) / 6);
  return text.slice(first, last);
}

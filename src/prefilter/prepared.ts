import type { Automaton } from './automaton.ts';
import type { Literal, LiteralForm } from './literal.ts';

/** Literals and the automaton over them: all that a prefilter needs. */
export interface PreparedLiterals {
  readonly literals: readonly Literal[];
  readonly automaton: Automaton;
}

const FORMS: readonly LiteralForm[] = ['plain', 'base64', 'hex', 'percent', 'escape', 'wide', 'html'];
/** Changes whenever the layout does. */
const MAGIC = 0x756c6b31;
const HEADER_WORDS = 8;

/**
 * Lays them out for a file that is read at start-up without being parsed: a
 * header of 32-bit words, the literals' columns, then the tables, each aligned
 * to four bytes, in the byte order of the machine (a build product, not an
 * exchange format; the magic number tells a foreign order).
 */
export function packPrepared({ literals, automaton }: PreparedLiterals): Uint8Array {
  const texts = literals.map(({ bytes }) => bytes);
  const header = Uint32Array.of(
    MAGIC,
    literals.length,
    texts.reduce((sum, bytes) => sum + bytes.length, 0),
    automaton.shift,
    automaton.table.length,
    automaton.accepting,
    automaton.outputStart.length,
    automaton.outputs.length,
  );
  const columns = Uint32Array.from(
    literals.flatMap(({ bytes, exact, form, text, phase }) => [
      bytes.length | (FORMS.indexOf(form) << 16) | (phase << 20) | (exact ? 1 << 24 : 0),
      text,
    ]),
  );
  return concatAligned([
    header,
    columns,
    Buffer.concat(texts),
    automaton.classes,
    automaton.table,
    automaton.outputStart,
    automaton.outputs,
  ]);
}

/** @returns null if the bytes are of another layout, byte order or length */
export function unpackPrepared(file: Uint8Array): PreparedLiterals | null {
  // Views need their own alignment.
  const bytes = file.byteOffset % 4 === 0 ? file : file.slice();
  if (bytes.length < HEADER_WORDS * 4) return null;
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_WORDS);
  const [magic, count = 0, textBytes = 0, shift = 0, tableLength = 0, accepting = 0, starts = 0, outputCount = 0] =
    header;
  const sizes = [HEADER_WORDS * 4, count * 8, textBytes, 256, tableLength * 2, starts * 4, outputCount * 4];
  if (magic !== MAGIC || sizes.reduce((sum, size) => sum + padded(size), 0) !== bytes.length) return null;
  const offsets: number[] = [];
  let at = bytes.byteOffset;
  for (const size of sizes) {
    offsets.push(at);
    at += padded(size);
  }
  const [, columnsAt = 0, textsAt = 0, classesAt = 0, tableAt = 0, startsAt = 0, outputsAt = 0] = offsets;
  const { buffer } = bytes;
  return {
    literals: readLiterals(new Uint32Array(buffer, columnsAt, count * 2), new Uint8Array(buffer, textsAt, textBytes)),
    automaton: {
      shift,
      accepting,
      classes: new Uint8Array(buffer, classesAt, 256),
      table: new Uint16Array(buffer, tableAt, tableLength),
      outputStart: new Uint32Array(buffer, startsAt, starts),
      outputs: new Uint32Array(buffer, outputsAt, outputCount),
    },
  };
}

function readLiterals(columns: Uint32Array, texts: Uint8Array): Literal[] {
  const literals: Literal[] = [];
  let at = 0;
  for (let i = 0; i < columns.length; i += 2) {
    const word = columns[i] ?? 0;
    const length = word & 0xffff;
    literals.push({
      bytes: texts.subarray(at, at + length),
      exact: word >> 24 === 1,
      form: FORMS[(word >> 16) & 15] ?? 'plain',
      text: columns[i + 1] ?? 0,
      phase: (word >> 20) & 15,
    });
    at += length;
  }
  return literals;
}

function padded(size: number): number {
  return (size + 3) & ~3;
}

function concatAligned(parts: readonly (Uint8Array | Uint16Array | Uint32Array)[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + padded(byteLength), 0));
  let at = 0;
  for (const part of parts) {
    out.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += padded(part.byteLength);
  }
  return out;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Escaping, unescapeBytes } from '../../src/detect/decode/escapes.ts';
import { decodeRun } from '../../src/detect/decode/runs.ts';
import { KernelMemory, createKernel } from '../../src/kernel/instance.ts';
import { type RunEncoding, encodingNumber } from '../../src/kernel/tree-job.ts';

const kernel = createKernel(new KernelMemory(8 << 20));
const TEXT = kernel.memory.reserve(1 << 16);
const OUT = kernel.memory.reserve(1 << 16);

/** Digits in lines full and not, with every way of breaking and indenting them, and things that end a run. */
const text = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.stringMatching(/^[a-f0-9]{1,8}$/) },
      { weight: 4, arbitrary: fc.stringMatching(/^[A-Za-z0-9+/_-]{30,34}$/) },
      { weight: 2, arbitrary: fc.stringMatching(/^[a-f0-9]{30,70}$/) },
      { weight: 6, arbitrary: fc.constantFrom('\n', '\r\n', '\n  ', '\n\t', ' ', '\r', '\n\n', `\n${' '.repeat(65)}`) },
      { weight: 1, arbitrary: fc.constantFrom('"', '=', '.', '\0', ' \n') },
    ),
    { minLength: 1, maxLength: 24 },
  )
  .map((parts) => parts.join(''));

const digitsOf: Readonly<Record<'base64' | 'hex', RegExp>> = {
  base64: /[A-Za-z0-9+/_-]{4}/g,
  hex: /[A-Fa-f0-9]{4}/g,
};

function kernelRun(bytes: Uint8Array, start: number, encoding: RunEncoding): unknown {
  const { memory, run } = kernel;
  memory.bytes.set(bytes, TEXT);
  const count = run.decodedRun(TEXT, bytes.length, start, start + 4, encodingNumber(encoding), OUT);
  const [, end] = memory.words(OUT, 2);
  return { end, decoded: Buffer.from(memory.bytes.slice(OUT + 8, OUT + 8 + count)).toString('latin1') };
}

function engineRun(bytes: Uint8Array, start: number, { form, phase }: RunEncoding): unknown {
  const run = decodeRun(bytes, { start, end: start + 4 }, form, phase, 1 << 20);
  if (run === null || 'cut' in run) throw new Error('there is a run around every hit');
  return { end: run.span.end, decoded: Buffer.from(run.decoded.bytes).toString('latin1') };
}

test.each(['base64', 'hex'] as const)('the kernel decodes a run of %s as the engine does', (form) => {
  let compared = 0;
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 3 }), (content, alignment) => {
      const bytes = new Uint8Array(Buffer.from(content, 'latin1'));
      const encoding: RunEncoding = { form, phase: form === 'base64' ? alignment : 0 };
      for (const { index } of content.matchAll(digitsOf[form])) {
        expect(kernelRun(bytes, index, encoding)).toEqual(engineRun(bytes, index, encoding));
        compared++;
      }
    }),
    { seed: 5, numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(1000);
});

test('another alignment decodes to something else', () => {
  const bytes = new Uint8Array(Buffer.from('QUJDREVGR0hJSktM', 'latin1'));
  expect(kernelRun(bytes, 4, { form: 'base64', phase: 1 })).not.toEqual(
    engineRun(bytes, 4, { form: 'base64', phase: 0 }),
  );
});

const escapes = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.stringMatching(/^(?:%[0-9a-fA-F]{2}|\\x[0-9a-fA-F]{2}|\\u[0-9a-f]{4})$/) },
      { weight: 3, arbitrary: fc.stringMatching(/^(?:\\u\{[0-9a-f]{0,8}\}?|\\.|&#x?[0-9a-fA-F]{0,8};?)$/) },
      {
        weight: 2,
        arbitrary: fc.constantFrom('&amp;', '&quot;', '&apos;', '&lt;', '&gt;', '&am', '&ltx', '&gt', '&#X2d;'),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          '%',
          '%2',
          '%g0',
          '\\',
          '\\x',
          '\\x4',
          '\\xg1',
          '\\u',
          '\\u12',
          '&',
          '&#',
          '&#x',
          ';',
        ),
      },
      { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

test.each([
  ['percent', 'percent'],
  ['escape', 'json'],
  ['html', 'html'],
] as const)('the kernel undoes escapes as the engine does: %s', (form, escaping: Escaping) => {
  let undone = 0;
  fc.assert(
    fc.property(escapes, fc.nat({ max: 3 }), (content, cut) => {
      const bytes = new Uint8Array(Buffer.from(content, 'latin1'));
      // A border may go right through one; what is behind it must not matter.
      const end = Math.max(0, bytes.length - cut);
      const { memory, run } = kernel;
      memory.bytes.set(bytes, TEXT);
      const count = run.undoEscapes(encodingNumber({ form, phase: 0 }), TEXT, TEXT + end, OUT);
      const expected = unescapeBytes(bytes, { start: 0, end }, escaping).bytes;
      expect(Buffer.from(memory.bytes.slice(OUT, OUT + count))).toEqual(Buffer.from(expected));
      if (count < end) undone++;
    }),
    { seed: 7, numRuns: 2000 },
  );
  expect(undone).toBeGreaterThan(500);
});

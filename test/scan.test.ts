import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import type { Blob } from '../src/core/blob.ts';
import { CoverageLog } from '../src/core/coverage.ts';
import type { Place } from '../src/core/finding.ts';
import { placeOf } from '../src/core/place.ts';
import type { Source } from '../src/core/source.ts';
import { createEngine } from '../src/detect/engine.ts';
import { type ScanOptions, scan } from '../src/scan.ts';
import { fingerprinter } from '../src/triage/fingerprint.ts';
import { assigned, makeRule, pattern } from './helpers/rules.ts';

const hex = (length: number, seed: number): string =>
  Array.from({ length }, (_, i) => ((Math.imul(i + 1, 2_654_435_761 + seed * 97) >>> 7) & 15).toString(16)).join('');
const token = (seed: number): string => `acm_${hex(30, seed)}`;

/** Files in memory; each is its own place. */
function memorySource(files: Readonly<Record<string, string>>): Source {
  const coverage = new CoverageLog();
  const place = (path: string): Place => placeOf({ kind: 'file', path });
  return {
    name: 'scan',
    coverage,
    async *blobs() {
      for (const [path, text] of Object.entries(files)) {
        coverage.add('files');
        yield { id: path, kind: 'file', content: Buffer.from(text) } satisfies Blob;
      }
    },
    async read(id) {
      return Buffer.from(files[id] ?? '');
    },
    async attribute(holdings) {
      const places = [...holdings].flatMap(([blob, fingerprints]) =>
        [...fingerprints].map((fingerprint) => ({ blob, fingerprint, place: place(blob) })),
      );
      return { places, firstSeen: new Map(), exposure: new Map() };
    },
  };
}

const RULES = [
  makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[0-9a-f]{30})')]),
  makeRule('pair-secret', [assigned(['pair_secret'], 'pairsecret', '[0-9a-f]{32}')], {
    parts: [{ rule: 'pair-id', within: 2000, absence: 'lowers', sameLength: false }],
  }),
  makeRule('pair-id', [assigned(['pairid'], 'pairid', '[0-9a-f]{20}')], { role: 'identifier' }),
];

/** Stars for every span, whatever its length. */
function maskLine(line: Uint8Array, spans: readonly { readonly start: number; readonly end: number }[]): string {
  let text = '';
  let at = 0;
  for (const { start, end } of spans) {
    text += `${Buffer.from(line.subarray(at, start)).toString()}***`;
    at = end;
  }
  return text + Buffer.from(line.subarray(at)).toString();
}

function run(files: Readonly<Record<string, string>>) {
  return scan({ source: memorySource(files), detector: createEngine(RULES), fingerprinter: fingerprinter(), maskLine });
}

describe('scan', () => {
  test('one finding per secret, with all its places', async () => {
    const { findings, coverage } = await run({
      'a.ts': `x\nkey = "${token(1)}"\n`,
      'b/c.ts': `${token(1)} and ${token(2)}`,
      'd.md': 'clean',
    });
    expect(
      findings.map(({ occurrences }) =>
        occurrences.map(({ path, line, column, endColumn }) => [path, line, column, endColumn]),
      ),
    ).toEqual([
      [
        ['a.ts', 2, 8, 42],
        ['b/c.ts', 1, 1, 35],
      ],
      [['b/c.ts', 1, 40, 74]],
    ]);
    expect(coverage).toMatchObject({ complete: true, files: 3, bytesScanned: 123 });
  });

  test('reports a secret once where a rule for some paths counts, and by the general one elsewhere', async () => {
    const general = makeRule('generic-key', [assigned(['the_key'], 'thekey', 'acm_[0-9a-f]{30}')], { specificity: 0 });
    const form = 'the_key = "(?<secret>acm_[0-9a-f]{30})"';
    const placed = { overlaps: true, byPlace: true };
    const rulesFound = async (over: typeof placed & { specificity?: number }): Promise<string[]> => {
      const own = makeRule('infra-key', [pattern(['the_key'], form)], over);
      const { findings } = await scan({
        source: memorySource({
          'main.tf': `the_key = "${token(1)}"\nother = 1\nthe_key=${token(2)}`,
          'b.ini': `the_key = "${token(1)}"`,
        }),
        detector: createEngine([general, own]),
        fingerprinter: fingerprinter(),
        maskLine,
        admits: ({ rule }, { path }) => rule.id !== 'infra-key' || path?.endsWith('.tf') === true,
      });
      return findings
        .flatMap(({ rule, occurrences }) => occurrences.map(({ path, line }) => `${rule} ${path ?? ''}:${line}`))
        .toSorted();
    };
    const alone = ['generic-key b.ini:1', 'generic-key main.tf:3', 'infra-key main.tf:1'];
    expect(await rulesFound(placed)).toEqual(alone);
    // What is no more specific takes nothing away.
    expect(await rulesFound({ ...placed, specificity: 0 })).toEqual([...alone, 'generic-key main.tf:1'].toSorted());
  });

  test('shows no secret, neither in snippets nor anywhere else', async () => {
    const { findings } = await run({
      'a.ts': `one = ${token(1)}; two = ${token(2)}; three = ${Buffer.from(token(3)).toString('base64')}\n`,
    });
    expect(findings).toHaveLength(3);
    expect(findings[0]?.occurrences[0]?.snippet).toContain('one = ');
    for (const seed of [1, 2, 3]) {
      expect(JSON.stringify(findings)).not.toContain(token(seed).slice(4, 30));
      expect(JSON.stringify(findings)).not.toContain(Buffer.from(token(seed)).toString('base64').slice(0, 20));
    }
  });

  test('shows no line of what changed between the two reads', async () => {
    const source = memorySource({ 'a.ts': `key = "${token(1)}";` });
    const moved = { ...source, read: async () => Buffer.from(`a longer key = "${token(1)}";`) };
    const { findings } = await scan({
      source: moved,
      detector: createEngine(RULES),
      fingerprinter: fingerprinter(),
      maskLine,
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.occurrences[0]?.snippet).toBeUndefined();
    expect(JSON.stringify(findings)).not.toContain(token(1).slice(4, 20));
  });

  test('a comment suppresses only where every place carries one', async () => {
    const both = await run({ 'a.ts': `${token(1)} // unleak:allow`, 'b.ts': `${token(1)} # unleak:allow` });
    expect(both.findings[0]?.suppressed).toMatchObject({ by: 'comment' });
    const one = await run({ 'a.ts': `${token(1)} // unleak:allow`, 'b.ts': token(1) });
    expect(one.findings[0]?.suppressed).toBeNull();
  });

  test('the other half of a pair may stand in a file of the same folder, not elsewhere', async () => {
    const near = await run({
      'app/.env': `PAIR_SECRET=${hex(32, 4)}`,
      'app/config.ts': `const pairId = "${hex(20, 5)}"`,
    });
    expect(near.findings.map(({ confidence, parts }) => [confidence, parts.map(({ rule }) => rule)])).toEqual([
      ['medium', ['pair-id']],
    ]);
    const far = await run({
      'app/.env': `PAIR_SECRET=${hex(32, 4)}`,
      'other/config.ts': `const pairId = "${hex(20, 5)}"`,
    });
    expect(far.findings[0]?.parts).toEqual([]);
  });

  test('of many halves in many folders, each secret gets the first of its own length in its folder', async () => {
    const sha = (seed: number): string => createHash('sha256').update(`${seed}`).digest('hex');
    const files: Record<string, string> = {};
    for (let i = 0; i < 60; i++) {
      const folder = `d${i % 16}`;
      if (i % 3 === 0 || i % 16 > 9) files[`${folder}/s${i}.env`] = `PAIR_SECRET=${sha(i).slice(0, 32)}`;
      else files[`${folder}/i${i}.ts`] = `const pairId = "${sha(i).slice(0, 20)}"`;
    }
    const { findings } = await run(files);
    const got = new Map(findings.map(({ occurrences, parts }) => [occurrences[0]?.path ?? '', parts[0]?.redacted]));
    // As a loop over all halves has it.
    const expected = Object.keys(files)
      .filter((name) => name.includes('/s'))
      .map((name) => {
        const folder = `${name.split('/')[0] ?? ''}/`;
        const half = Object.keys(files).find((other) => other.startsWith(`${folder}i`));
        const text = half === undefined ? undefined : files[half];
        return [name, text === undefined ? undefined : `…${text.slice(-5, -1)}`] as const;
      });
    expect(got).toEqual(new Map(expected));
    const paired = [...got.values()].filter((part) => part !== undefined).length;
    expect(paired).toBeGreaterThan(5);
    expect(got.size - paired).toBeGreaterThan(5);
  });
});

describe('a scan that breaks off', () => {
  const FILES = { 'a.txt': `one\n${token(1)}\n`, 'b.txt': token(2) };
  const broken = (): never => {
    throw new TypeError('broken');
  };
  const PROBLEM = { code: 'BROKEN', message: 'it broke', mend: 'mend it' };
  const places = (findings: Awaited<ReturnType<typeof scan>>['findings']) =>
    findings.flatMap(({ occurrences }) => occurrences.map(({ path, line }) => [path, line]));

  function breaking(parts: Partial<Source>, files: Readonly<Record<string, string>> = FILES): ScanOptions {
    const whole = memorySource(files);
    const source = { ...whole, ...parts };
    return { source, detector: createEngine(RULES), fingerprinter: fingerprinter(), maskLine, rescue: () => PROBLEM };
  }
  const afterFirst: Partial<Source> = {
    async *blobs(signal) {
      for await (const blob of memorySource(FILES).blobs(signal)) {
        yield blob;
        broken();
      }
    },
  };

  test.each([
    ['reading', afterFirst, [['a.txt', 2]]],
    [
      'attribution',
      { attribute: async () => broken() },
      [
        ['a.txt', 2],
        ['b.txt', 1],
      ],
    ],
    [
      'reading again',
      { read: async () => broken() },
      [
        ['a.txt', 1],
        ['b.txt', 1],
      ],
    ],
  ])('reports what it had found (%s)', async (_, parts: Partial<Source>, found) => {
    const { findings, coverage } = await scan(breaking(parts));
    expect(places(findings)).toEqual(found);
    expect(coverage).toMatchObject({ complete: false, problems: [PROBLEM] });
    // Ids are those of a scan that was whole.
    const { findings: whole } = await scan(breaking({}));
    expect(findings.map(({ fingerprint }) => fingerprint)).toEqual(
      whole.map(({ fingerprint }) => fingerprint).slice(0, findings.length),
    );
  });

  test('fails where nothing was found, where nobody rescues it, and where it was broken off on purpose', async () => {
    await expect(scan(breaking({ attribute: async () => broken() }, { 'a.txt': 'x' }))).rejects.toThrow('broken');
    const { rescue: _, ...options } = breaking(afterFirst);
    await expect(scan(options)).rejects.toThrow('broken');
    await expect(scan({ ...options, rescue: () => null })).rejects.toThrow('broken');
    const controller = new AbortController();
    const abort = async (): Promise<never> => {
      controller.abort(new Error('enough'));
      return broken();
    };
    await expect(scan({ ...breaking({ attribute: abort }), signal: controller.signal })).rejects.toThrow('enough');
  });
});

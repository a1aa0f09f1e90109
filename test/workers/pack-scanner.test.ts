import { describe, expect, test } from 'vitest';

import { ALLOW_MARKERS } from '../../src/detect/allow-mark.ts';
import { openArchive } from '../../src/detect/archive/open.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { packedReaches } from '../../src/cli/fast/pack-reaches.ts';
import { packRules } from '../../src/cli/fast/pack-rules.ts';
import { messageText } from '../../src/git/object/message.ts';
import { literalSet } from '../../src/prefilter/literal-set.ts';
import { haveLaidOut } from '../../src/prefilter/rule-literals.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { selfTest } from '../../src/rules/self-test.ts';
import { POINTER } from '../../src/sources/lfs.ts';
import { packScanner } from '../../src/workers/pack-scanner.ts';

const ID = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const SIGNATURE = ['-----BEGIN PGP SIGNATURE-----', '', 'iQEzBAABCAAdFiEE', '-----END PGP SIGNATURE-----'];
const MARKER = { start: Buffer.from('some marker\n'), limit: 1024 };

function commit(author: string, headers: readonly string[], message: Uint8Array): Buffer {
  const people = ['author', 'committer'].map((role) => `${role} ${author} <a@b.example> 1700000000 +0000`);
  const head = [`tree ${ID}`, `parent ${ID}`, ...people, ...headers].join('\n');
  return Buffer.concat([Buffer.from(`${head}\n\n`, 'latin1'), message]);
}

/** Commits that hold a text in one place or another. */
function commitsWith(text: Uint8Array): Buffer[] {
  const [line = ''] = Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[<>]/g, ' ')
    .split(/[\r\n]/);
  const signed = ['gpgsig ' + SIGNATURE.join('\n '), 'more of it'];
  return [
    commit('A', [], text),
    commit('A', signed, text),
    commit('A', [], Buffer.concat([text, Buffer.from(`\n${SIGNATURE.join('\n')}\n`)])),
    commit(line, signed, Buffer.from('Nothing\n')),
    commit('A', [`HG:extra ${line}`], Buffer.from('Nothing\n')),
  ];
}

const engine = createEngine(BUILTIN_RULES, { openArchive });
const spellings = literalSet(BUILTIN_RULES, ALLOW_MARKERS).literals.map(({ bytes, exact }) => ({
  text: exact ? Buffer.from(bytes).toString('latin1') : Buffer.from(bytes).toString('latin1').toLowerCase(),
  exact,
}));

function hasLiteral(text: Uint8Array): boolean {
  const whole = Buffer.from(text).toString('latin1');
  const folded = whole.toLowerCase();
  return spellings.some(({ text: spelling, exact }) => (exact ? whole : folded).includes(spelling));
}

/** The same rules, with what the build lays out for names. */
const screened = [...BUILTIN_RULES];
const { words, screens } = packRules(screened);
haveLaidOut(screened, () => ({ packed: { words }, screens }));

/** And for what literals reach. */
const laidOut = [...BUILTIN_RULES];
const reaches = { words: packedReaches(BUILTIN_RULES, { words }, screens), marker: POINTER };
haveLaidOut(laidOut, () => ({ packed: { words }, screens, reaches }));

describe('mayHold', () => {
  test.each([
    ['', BUILTIN_RULES],
    [', by names too', screened],
    [', as the build laid it out', laidOut],
  ])('turns down no commit in which something is found, and many in which there is but a literal%s', (_, rules) => {
    const scanner = packScanner(rules, { jobs: 1 });
    scanner?.prepare(rules === laidOut ? POINTER : MARKER);
    const missed: string[] = [];
    const seen = { found: 0, turnedDown: 0, turnedDownDespiteLiteral: 0 };
    selfTest(BUILTIN_SAMPLES, (bytes) => {
      for (const raw of commitsWith(bytes)) {
        const { findings, loose, problems } = engine.scan(messageText(raw));
        const isFound = findings.length + loose.length + problems.length > 0;
        const mayHold = scanner?.mayHold(raw, true) ?? true;
        if (isFound) seen.found++;
        if (isFound && !mayHold) missed.push(raw.toString('latin1'));
        if (!mayHold) seen.turnedDown++;
        if (!mayHold && seen.turnedDownDespiteLiteral < 20 && hasLiteral(raw)) seen.turnedDownDespiteLiteral++;
      }
      return engine.scan(bytes);
    });
    expect(missed).toEqual([]);
    // Control: both happen, and what follows a literal is looked at.
    expect(seen.found).toBeGreaterThan(1000);
    expect(seen.turnedDown).toBeGreaterThan(100);
    expect(seen.turnedDownDespiteLiteral).toBe(20);
  });

  test('knows literals alone where nothing was prepared', () => {
    const scanner = packScanner(BUILTIN_RULES, { jobs: 1 });
    const text = commit('A', [`gpgsig ${SIGNATURE.join('\n ')}`], Buffer.from('Nothing\n'));
    expect(scanner?.mayHold(text, true)).toBe(true);
    const prepared = packScanner(BUILTIN_RULES, { jobs: 1 });
    prepared?.prepare(MARKER);
    expect(prepared?.mayHold(text, true)).toBe(false);
  });
});

import { expect, test } from 'vitest';

import { packRules } from '../../src/cli/fast/pack-rules.ts';
import { openArchive } from '../../src/detect/archive/open.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { sweepCommits } from '../../src/git/commit-sweep.ts';
import { messageText } from '../../src/git/object/message.ts';
import { openPackedRepository } from '../../src/git/packed-repository.ts';
import { openRepository } from '../../src/git/repository.ts';
import { idPlace } from '../../src/git/tree-sweep.ts';
import { haveLaidOut } from '../../src/prefilter/rule-literals.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { selfTest } from '../../src/rules/self-test.ts';
import { packScanner } from '../../src/workers/pack-scanner.ts';
import { allObjects, packAll } from '../helpers/pack-repository.ts';
import { GIT_ENVIRONMENT, type TestRepository, makeRepository } from '../helpers/repository.ts';
import { signal } from '../helpers/source.ts';

const MARKER = { start: Buffer.from('some marker\n'), limit: 1024 };
/** Every sample would take long. */
const EVERY = 5;

const engine = createEngine(BUILTIN_RULES, { openArchive });
const rules = [...BUILTIN_RULES];
const { words, screens } = packRules(rules);
haveLaidOut(rules, () => ({ packed: { words }, screens }));

const asItIs = (text: Buffer): Buffer => text;
/** What people may write into a message: as it is, or encoded. */
const SPELLINGS: readonly ((text: Buffer) => Buffer)[] = [
  asItIs,
  (text) => Buffer.from(`see ${text.toString('base64')} there\n`),
  (text) => Buffer.from(`${text.toString('hex')}\n`),
  (text) => Buffer.from(text.toString('hex').replaceAll(/../g, String.raw`\x$&`)),
  (text) => Buffer.from(text.toString('hex').replaceAll(/../g, '%$&')),
  (text) => Buffer.from(Buffer.from(text.toString('base64')).toString('base64')),
];

function writeMessages(repository: TestRepository): void {
  const stream: Buffer[] = [];
  let asked = 0;
  selfTest(BUILTIN_SAMPLES, (bytes) => {
    if (asked++ % EVERY === 0) {
      const spelling = SPELLINGS[((asked / EVERY) % SPELLINGS.length) | 0] ?? asItIs;
      const text = spelling(Buffer.from(bytes));
      const who = `A <a@example.test> ${1_767_225_600 + asked} +0000`;
      const head = `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata ${text.length}\n`;
      stream.push(Buffer.from(head), text, Buffer.from('\n'));
    }
    return engine.scan(bytes);
  });
  repository.gitBytes(['fast-import', '--quiet'], Buffer.concat(stream));
}

test('the kernel turns down no message in which something is found, in whatever encoding', async () => {
  const repository = makeRepository();
  writeMessages(repository);
  packAll(repository);
  const scanner = packScanner(rules, { jobs: 1 });
  if (scanner === null) throw new Error('there is no kernel');
  scanner.prepare(MARKER);
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const { store, table } = openPackedRepository(opened, () => undefined, { kernel: scanner.memory });
  const ids = idPlace(store, table);
  if (ids === null) throw new Error('the ids are not in the memory of the kernel');
  const objects = allObjects(repository);
  const seen = { found: 0, turnedDown: 0, other: 0 };
  const missed: string[] = [];
  const visitor = {
    read: ({ position, text }: { readonly position: number; readonly text: Uint8Array | null }) => {
      const { findings, loose, problems } = engine.scan(
        messageText(objects.get(table.hex(position))?.bytes ?? Buffer.of()),
      );
      const isFound = findings.length + loose.length + problems.length > 0;
      if (isFound) seen.found++;
      if (text === null) seen.turnedDown++;
      if (isFound && text === null) missed.push(table.hex(position));
    },
    other: () => void seen.other++,
  };
  const steps = sweepCommits(store, ids, scanner, table, visitor);
  while (steps.next().done !== true);
  scanner.end();
  expect(missed.map((id) => objects.get(id)?.bytes.toString('latin1'))).toEqual([]);
  // Control: there are many of each, and those with zero bytes are the caller's.
  expect(seen.found).toBeGreaterThan(500);
  expect(seen.turnedDown).toBeGreaterThan(100);
  expect(seen.other).toBeGreaterThan(0);
});

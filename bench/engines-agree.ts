/**
 * Compares the engine that reads packs with git as reader, on whole
 * repositories: findings with all their places, and coverage, must be equal.
 *
 *     npm run build && npx tsx bench/engines-agree.ts REPOSITORY…
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { FindingsReport } from '../src/core/finding.ts';

const COMMAND = fileURLToPath(new URL('../dist/bin/unleak.cjs', import.meta.url));
const ENGINES = ['packs', 'cat-file'] as const;

interface Answer {
  readonly code: number | null;
  readonly findings: readonly string[];
  readonly coverage: string;
  readonly blobs: number;
  readonly places: number;
}

function ask(repository: string, engine: (typeof ENGINES)[number]): Answer {
  const args = ['history', repository, '--engine', engine, '--no-cache', '--format', 'json'];
  const { status, stdout } = spawnSync(process.execPath, [COMMAND, ...args], { maxBuffer: 1 << 30, encoding: 'utf8' });
  const { findings, coverage } = JSON.parse(stdout) as FindingsReport;
  // Problems come in the order of reading.
  const problems = coverage.problems.map((problem) => JSON.stringify(problem)).toSorted();
  const { bytesScanned: _, ...covered } = { ...coverage, problems };
  return {
    code: status,
    findings: findings.map((finding) => JSON.stringify(finding)).toSorted(),
    coverage: JSON.stringify(covered),
    blobs: coverage.blobs,
    places: findings.reduce((sum, { occurrences }) => sum + occurrences.length, 0),
  };
}

let differ = 0;
for (const repository of process.argv.slice(2)) {
  const [ours, git] = ENGINES.map((engine) => ask(repository, engine));
  const isSame = JSON.stringify(ours) === JSON.stringify(git);
  if (!isSame) differ++;
  const counts = `${ours?.blobs ?? 0} blobs, ${ours?.findings.length ?? 0} findings at ${ours?.places ?? 0} places`;
  process.stdout.write(`${path.basename(path.dirname(repository))}: ${isSame ? 'equal' : 'DIFFERENT'}: ${counts}\n`);
  if (!isSame)
    for (const key of ['code', 'coverage', 'findings'] as const)
      if (JSON.stringify(ours?.[key]) !== JSON.stringify(git?.[key])) process.stdout.write(`  ${key} differ\n`);
}
process.exitCode = differ === 0 && process.argv.length > 2 ? 0 : 1;

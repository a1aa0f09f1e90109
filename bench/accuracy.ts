/**
 * How right scanners are: precision and recall on a corpus whose truth is known because this script makes it, and
 * what they report in other people's published code.
 *
 *     npm run build
 *     npx tsx bench/accuracy.ts [name=folder…] [--seed N] [--size N] [--write FILE] [--read FILE]
 *
 * Peers are taken from PATH or from GITLEAKS, BETTERLEAKS, DETECT_SECRETS, RIPSECRETS, SECRETLINT and KINGFISHER; what is missing
 * is left out. GITLEAKS_VERSION and BETTERLEAKS_VERSION say what a build of a commit does not. `--size` (default 40) is how often each shape of a key and each kind of innocent text is written.
 * `--write` writes the page that docs/ACCURACY.md is; `--read` lists places in the projects that nobody has read yet,
 * with their lines: keep that file to yourself, and put what you found into accuracy/verdicts.json.
 *
 * Fails if a control does well, or if unleak is below the bars: 99 % of the secrets of providers, 95 % precision.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type Corpus, writeCorpus } from './accuracy/corpus.ts';
import { type Outcome, page } from './accuracy/page.ts';
import { type Project, keyOf, lineOf, projectOf, yieldOf } from './accuracy/real.ts';
import { scanners } from './accuracy/scanners.ts';
import { balance, score, total } from './accuracy/score.ts';

/** No control may reach it. */
const CONTROL_MOST = 0.2;
const RECALL_LEAST = 0.99;
const PRECISION_LEAST = 0.95;

const { seed = '1', size = '40', write, read, projects } = argumentsGiven();
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-accuracy-'));
try {
  const folder = path.join(scratch, 'corpus');
  mkdirSync(folder);
  const corpus = writeCorpus(folder, Number(seed), { perShape: Number(size), perInnocent: Number(size) });
  const outcomes = measure(corpus, projects);
  const text = page(corpus, projects, outcomes, { seed, size });
  if (write === undefined) process.stdout.write(text);
  else writeFileSync(write, text);
  if (read !== undefined) writeFileSync(read, JSON.stringify(unread(outcomes), null, 1));
  const faults = faultsOf(outcomes);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function measure(corpus: Corpus, real: readonly Project[]): Outcome[] {
  return scanners().map((scanner) => {
    const began = performance.now();
    const scored = score(corpus, scanner.scan(corpus.folder));
    const found = scanner.control === true || scanner.slow === true ? null : yieldOf(scanner, real);
    process.stderr.write(`${scanner.name}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
    return { scanner, score: scored, real: found };
  });
}

function faultsOf(outcomes: readonly Outcome[]): string[] {
  const faults = outcomes
    .filter((outcome) => outcome.scanner.control === true && balance(outcome.score) >= CONTROL_MOST)
    .map(({ scanner }) => `control "${scanner.name}" does well: the corpus measures nothing`);
  const own = outcomes[0]?.score;
  if (own === undefined) return faults;
  if (own.right < PRECISION_LEAST * own.reported) faults.push('unleak: precision is below the bar');
  const messaging = total([own.recall.get('messaging') ?? { found: 0, all: 1 }]);
  if (messaging.found < RECALL_LEAST * messaging.all) faults.push('unleak: recall of messaging keys is below the bar');
  return faults;
}

function unread(outcomes: readonly Outcome[]): { at: string; rule: string; line: string }[] {
  return outcomes.flatMap(({ real }) =>
    (real?.unread ?? []).map((place) => {
      const project = projects.find(({ name }) => name === place.project);
      return { at: keyOf(place), rule: place.rule, line: project === undefined ? '' : lineOf(project, place) };
    }),
  );
}

interface Given {
  readonly seed?: string;
  readonly size?: string;
  readonly write?: string;
  readonly read?: string;
  readonly projects: readonly Project[];
}

function argumentsGiven(): Given {
  const given = process.argv.slice(2);
  const named = Object.fromEntries(
    given.flatMap((word, index) => (word.startsWith('--') ? [[word.slice(2), given[index + 1] ?? '']] : [])),
  );
  return { ...named, projects: given.filter((word) => /^[^-=][^=]*=/.test(word)).map(projectOf) };
}

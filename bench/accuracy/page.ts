/** The page that the measurement is published as. */
import type { Corpus } from './corpus.ts';
import { FORMATS } from './files.ts';
import { INNOCENTS } from './innocent.ts';
import { SHAPES, KEY_BLOCKS } from './keys.ts';
import type { Project, Yield } from './real.ts';
import type { Scanner } from './scanners.ts';
import { type Score, balance, SURROUNDINGS, total } from './score.ts';

export interface Outcome {
  readonly scanner: Scanner;
  readonly score: Score;
  /** Null for controls and for what is too slow. */
  readonly real: Yield | null;
}

type Row = readonly (string | number)[];

function table(head: Row, rows: readonly Row[]): string {
  const line = (row: Row): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);

export function page(
  corpus: Corpus,
  projects: readonly Project[],
  outcomes: readonly Outcome[],
  { seed, size }: { readonly seed: string; readonly size: string },
): string {
  const names = outcomes.map(({ scanner }) => scanner.name);
  const peers = outcomes.filter(({ scanner }) => scanner.control !== true);
  const secrets = corpus.labels.filter(({ truth }) => truth === 'secret').length;
  return `# Accuracy

<!-- Written by bench/accuracy.ts: change that, not this. -->

How much of what is there is found, and how much of what is reported is there. Every table comes from
\`npx tsx bench/accuracy.ts --seed ${seed} --size ${size} name=folder…\`. All with their own default rules, none verifying over the network.

${table(
  ['scanner', 'version', 'asked'],
  peers.map(({ scanner }) => [scanner.name, scanner.version, `\`${scanner.asked}\``]),
)}

## On a corpus whose truth is known

The script writes ${corpus.files} files, ${corpus.lines} lines: ${secrets} secrets of ${SHAPES.length + KEY_BLOCKS.length} shapes in ${FORMATS.length} formats of files among ordinary lines, and ${INNOCENTS.length} kinds of
files that only look like it. The shapes are taken from providers' documentation and written apart from the rules and their
templates; some have no rule here. Values are made at run time from a seed (key blocks by the crypto library), and nothing realistic is stored.

A secret counts as found if any report touches its lines, whatever the rule. Precision is the share of reported places that are secrets; F
is the harmonic mean of both. The last two columns are controls, which have to do badly or the script fails.

${table(
  ['', ...names],
  [
    ['recall', ...outcomes.map(({ score }) => shareOf(score))],
    ['precision', ...outcomes.map(({ score }) => percent(score.right, score.reported))],
    ['F', ...outcomes.map(({ score }) => balance(score).toFixed(3))],
    ['false alarms', ...outcomes.map(({ score }) => score.reported - score.right)],
  ],
)}

### Recall by family

${table(
  ['family', 'secrets', ...names],
  [...(outcomes[0]?.score.recall ?? [])].map(([family, { all }]) => [
    family,
    all,
    ...outcomes.map(({ score }) => percent(score.recall.get(family)?.found ?? 0, all)),
  ]),
)}

\`random values\` are values without a form under a name such as \`API_KEY\` or \`DB_PASSWORD\`; \`chosen passwords\` are what people make up: words, years, signs.

### Where unleak finds less than 95 %

${table(
  ['shape', 'found'],
  [...(outcomes[0]?.score.shapes ?? [])]
    .filter(([, { found, all }]) => found < 0.95 * all)
    .map(([shape, { found, all }]) => [shape, percent(found, all)]),
)}

### False alarms by what they were raised at

Reported lines; each kind was written ${size} times or more.

${table(
  ['text', ...names],
  kindsOf(outcomes).map((kind) => [kind, ...outcomes.map(({ score }) => score.alarms.get(kind) ?? 0)]),
)}

### Precision of unleak by rule family

${table(['rules', 'reports', 'right', 'precision'], precisionRows(outcomes[0]?.score))}

${projects.length === 0 ? '' : realPart(projects, peers)}`;
}

const shareOf = ({ recall }: Score): string => {
  const { found, all } = total(recall.values());
  return percent(found, all);
};

function kindsOf(outcomes: readonly Outcome[]): string[] {
  const kinds = new Set([...INNOCENTS.map(({ kind }) => kind), SURROUNDINGS]);
  return [...kinds].filter((kind) =>
    outcomes.some(({ scanner, score }) => scanner.control !== true && score.alarms.has(kind)),
  );
}

/** Rules by what their ids begin with: the provider. Those that were never wrong are one row. */
function precisionRows(own: Score | undefined): Row[] {
  const families = new Map<string, { found: number; all: number }>();
  for (const [rule, { found, all }] of own?.rules ?? []) {
    const family = rule.startsWith('generic-') ? rule : (rule.split('-')[0] ?? rule);
    const known = families.get(family) ?? { found: 0, all: 0 };
    families.set(family, { found: known.found + found, all: known.all + all });
  }
  const shown = [...families].filter(([family, { found, all }]) => family.startsWith('generic-') || found < all);
  const clean = total(
    [...families].filter(([family]) => !shown.some(([one]) => one === family)).map(([, tally]) => tally),
  );
  const rows = shown
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([family, { found, all }]) => [`\`${family}\``, all, found, percent(found, all)]);
  return [
    ...rows,
    [`${families.size - shown.length} other providers`, clean.all, clean.found, percent(clean.found, clean.all)],
  ];
}

function realPart(projects: readonly Project[], peers: readonly Outcome[]): string {
  const sum = (key: 'files' | 'lines' | 'bytes'): number => projects.reduce((all, project) => all + project[key], 0);
  const lines = sum('lines');
  const perMillion = (count: number): string => ((count * 1e6) / lines).toFixed(1);
  const yields = peers.flatMap(({ real }) => (real === null ? [] : [real]));
  return `## On other people's published code

${projects.length} projects, ${sum('files')} files, ${(sum('bytes') / 1e6).toFixed(0)} MB, ${(lines / 1e6).toFixed(2)} million lines: ${projects.map(({ name }) => name).join(', ')}.

Lines inside private keys are counted apart: they are real keys, made for tests. Of the rest, 40 places of each scanner were drawn and read (all,
where there are no more): a generated value that is or was somebody's credential, if only in tests, is a leak; samples, what was made up for a test, and everything else is a false alarm.
What unleak raised here has led to changes of its rules, so its figure is that of code it was tried on.

${table(
  ['', ...yields.map(({ scanner }) => scanner)],
  [
    ['reported lines', ...yields.map(({ keyBlocks, others }) => keyBlocks + others.length)],
    ['in private keys', ...yields.map(({ keyBlocks }) => keyBlocks)],
    ['others', ...yields.map(({ others }) => others.length)],
    ['others per million lines', ...yields.map(({ others }) => perMillion(others.length))],
    ['read', ...yields.map(({ leaks, alarms }) => leaks + alarms)],
    ['of these false alarms', ...yields.map(({ leaks, alarms }) => percent(alarms, leaks + alarms))],
    [
      '**false alarms per million lines**, from both',
      ...yields.map(({ others, leaks, alarms }) =>
        leaks + alarms === 0 ? '–' : perMillion((others.length * alarms) / (leaks + alarms)),
      ),
    ],
  ],
)}

${table(
  ['project', 'lines', ...yields.map(({ scanner }) => scanner)],
  projects.map(({ name, lines: own }) => [name, own, ...yields.map(({ reported }) => reported.get(name) ?? 0)]),
)}

Reported lines of each project, those in private keys included.
`;
}

/** What reports are worth against labels. */
import type { Corpus, Label } from './corpus.ts';
import type { Report } from './scanners.ts';

export interface Tally {
  found: number;
  all: number;
}

export interface Score {
  /** Reported places that are a secret, and all that count. */
  readonly right: number;
  readonly reported: number;
  readonly recall: ReadonlyMap<string, Tally>;
  /** By shape. */
  readonly shapes: ReadonlyMap<string, Tally>;
  /** Lines of each kind of innocent text, and of the surroundings of secrets, that were reported. */
  readonly alarms: ReadonlyMap<string, number>;
  /** By rule: places that are a secret, of those reported. */
  readonly rules: ReadonlyMap<string, Tally>;
  readonly wrong: readonly Report[];
  readonly missed: readonly Label[];
}

/** Text around a secret, in which there is nothing to report. */
export const SURROUNDINGS = 'lines around secrets';

/**
 * A secret is found if a report touches one of its lines. Reports of one place by several rules count once; what only
 * touches a line that identifies (an account SID beside its token) is neither right nor wrong.
 */
export function score({ labels }: Corpus, reports: readonly Report[]): Score {
  const byFile = new Map<string, Label[]>();
  for (const label of labels) entryOf(byFile, label.file, () => []).push(label);
  const found = new Set<Label>();
  const alarms = new Map<string, number>();
  const rules = new Map<string, Tally>();
  const wrong: Report[] = [];
  const seen = new Set<string>();
  let right = 0;
  let reported = 0;
  for (const report of reports) {
    const touched = (byFile.get(report.file) ?? []).filter((label) => touches(label, report));
    const secret = touched.find(({ truth }) => truth === 'secret');
    if (secret === undefined && touched.some(({ truth }) => truth === 'beside')) continue;
    const tally = entryOf(rules, report.rule, () => ({ found: 0, all: 0 }));
    tally.all++;
    if (secret !== undefined) tally.found++;
    // One secret once, and one line once.
    const place = secret === undefined ? `${report.file}\0${report.line}` : `${secret.file}\0${secret.line}\0secret`;
    if (seen.has(place)) continue;
    seen.add(place);
    reported++;
    if (secret === undefined) {
      const kind = touched[0]?.kind ?? SURROUNDINGS;
      alarms.set(kind, (alarms.get(kind) ?? 0) + 1);
      wrong.push(report);
    } else {
      found.add(secret);
      right++;
    }
  }
  const recall = new Map<string, Tally>();
  const shapes = new Map<string, Tally>();
  const secrets = labels.filter(({ truth }) => truth === 'secret');
  for (const label of secrets) {
    for (const [table, key] of [
      [recall, label.family ?? ''],
      [shapes, `${label.family ?? ''}: ${label.kind}`],
    ] as const) {
      const tally = entryOf(table, key, () => ({ found: 0, all: 0 }));
      tally.all++;
      if (found.has(label)) tally.found++;
    }
  }
  return {
    right,
    reported,
    recall,
    shapes,
    alarms,
    rules,
    wrong,
    missed: secrets.filter((label) => !found.has(label)),
  };
}

function touches(label: Label, { line, endLine }: Report): boolean {
  return line <= label.endLine && label.line <= Math.max(line, endLine);
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

export const total = (tallies: Iterable<Tally>): Tally => {
  const sum = { found: 0, all: 0 };
  for (const { found, all } of tallies) {
    sum.found += found;
    sum.all += all;
  }
  return sum;
};

/** The harmonic mean of precision and recall; 0 where there is nothing right. */
export function balance({ right, reported, recall }: Score): number {
  const { found, all } = total(recall.values());
  if (right === 0) return 0;
  const precision = right / reported;
  const share = found / all;
  return (2 * precision * share) / (precision + share);
}

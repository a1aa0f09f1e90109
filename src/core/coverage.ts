export type SourceName = 'scan' | 'staged' | 'commits' | 'history' | 'hunt' | 'stdin' | 'pull-request';

/** Left out because a person said so in writing, or because it is outside the source by definition. */
export interface Skipped {
  readonly reason: string;
  readonly count: number;
  readonly examples: readonly string[];
  readonly setBy?: string;
}

/** Something that was to be covered and was not. Any problem makes coverage incomplete. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  /** How many things it befell, where more than one. */
  readonly count?: number;
}

/** A configuration file that was in force, and what it turned off. */
export interface ConfigurationUse {
  readonly file: string;
  readonly digest: string;
  readonly disables: readonly string[];
}

/** What a run covered. `blobs` are distinct ids decided, `bytesCovered` their sizes. */
export interface Coverage {
  readonly complete: boolean;
  readonly source: SourceName;
  readonly files: number;
  readonly blobs: number;
  readonly commits: number;
  readonly tags: number;
  readonly refs: number;
  readonly unreachable: number;
  readonly bytesCovered: number;
  readonly bytesScanned: number;
  readonly fromCache: number;
  readonly skipped: readonly Skipped[];
  readonly configuration: readonly ConfigurationUse[];
  readonly problems: readonly Problem[];
}

type Counter =
  | 'files'
  | 'blobs'
  | 'commits'
  | 'tags'
  | 'refs'
  | 'unreachable'
  | 'bytesCovered'
  | 'bytesScanned'
  | 'fromCache';

const COUNTERS: readonly Counter[] = [
  'files',
  'blobs',
  'commits',
  'tags',
  'refs',
  'unreachable',
  'bytesCovered',
  'bytesScanned',
  'fromCache',
];
const EXAMPLES_KEPT = 5;
/** Past this many distinct messages of one code, only the count grows. */
const MESSAGES_KEPT = 20;

/** Collects counts, skips and problems while a source and the engine work. */
export class CoverageLog {
  readonly #counts: Record<Counter, number> = {
    files: 0,
    blobs: 0,
    commits: 0,
    tags: 0,
    refs: 0,
    unreachable: 0,
    bytesCovered: 0,
    bytesScanned: 0,
    fromCache: 0,
  };
  readonly #skipped = new Map<
    string,
    { reason: string; count: number; examples: string[]; setBy: string | undefined }
  >();
  readonly #problems = new Map<string, { problem: Problem; count: number }>();
  readonly #perCode = new Map<string, number>();
  readonly #configuration: ConfigurationUse[] = [];

  readonly #others: readonly CoverageLog[];

  /** @param others - logs of sources that this one takes together; they may still be written to */
  constructor(others: readonly CoverageLog[] = []) {
    this.#others = others;
  }

  add(counter: Counter, by = 1): void {
    this.#counts[counter] += by;
  }

  count(counter: Counter): number {
    return this.#counts[counter];
  }

  skip(reason: string, example: string, setBy?: string): void {
    const key = `${reason}\0${setBy ?? ''}`;
    const entry = this.#skipped.get(key) ?? { reason, count: 0, examples: [], setBy };
    entry.count++;
    if (entry.examples.length < EXAMPLES_KEPT) entry.examples.push(example);
    this.#skipped.set(key, entry);
  }

  /** Same code and message: counted once more. Many messages of one code: the rest are folded. */
  problem(problem: Problem): void {
    const kept = this.#perCode.get(problem.code) ?? 0;
    let key = `${problem.code}\0${problem.message}`;
    if (!this.#problems.has(key)) {
      if (kept >= MESSAGES_KEPT) key = `${problem.code}\0…`;
      else this.#perCode.set(problem.code, kept + 1);
    }
    const entry = this.#problems.get(key);
    if (entry) entry.count += problem.count ?? 1;
    else
      this.#problems.set(key, {
        problem: key.endsWith('\0…') ? { ...problem, message: `${problem.message}, and others` } : problem,
        count: problem.count ?? 1,
      });
  }

  /** Whether a problem of this kind was met so far. */
  hasProblem(isMeant: (problem: Problem) => boolean): boolean {
    return [...this.#problems.values()].some(({ problem }) => isMeant(problem));
  }

  configured(use: ConfigurationUse): void {
    this.#configuration.push(use);
  }

  get complete(): boolean {
    return this.#problems.size === 0 && this.#others.every(({ complete }) => complete);
  }

  report(source: SourceName): Coverage {
    if (this.#others.length === 0) return this.#report(source);
    const all = new CoverageLog();
    for (const part of [...this.#others.map((one) => one.report(source)), this.#report(source)]) all.#absorb(part);
    return all.#report(source);
  }

  #absorb({ skipped, problems, configuration, ...counts }: Coverage): void {
    for (const counter of COUNTERS) this.#counts[counter] += counts[counter];
    for (const { reason, count, examples, setBy } of skipped) {
      const key = `${reason}\0${setBy ?? ''}`;
      const entry = this.#skipped.get(key) ?? { reason, count: 0, examples: [], setBy };
      entry.count += count;
      entry.examples = [...entry.examples, ...examples].slice(0, EXAMPLES_KEPT);
      this.#skipped.set(key, entry);
    }
    for (const problem of problems) this.problem(problem);
    for (const use of configuration) this.configured(use);
  }

  #report(source: SourceName): Coverage {
    return {
      complete: this.complete,
      source,
      ...this.#counts,
      skipped: [...this.#skipped.values()].map(({ setBy, ...rest }) =>
        setBy === undefined ? rest : { ...rest, setBy },
      ),
      configuration: this.#configuration,
      problems: [...this.#problems.values()].map(({ problem, count }) => (count > 1 ? { ...problem, count } : problem)),
    };
  }
}

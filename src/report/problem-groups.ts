import type { Problem } from '../core/coverage.ts';
import { grouped, shortId } from './words.ts';

/** Problems of one code that are mended alike, as people are told of them: once, with their places. */
export interface ProblemGroup {
  readonly code: string;
  readonly mend: string;
  /** Of the only problem; empty where there are lines. Neither is escaped. */
  readonly message: string;
  /** What several problems say. */
  readonly lines: readonly string[];
  /** How many things befell. */
  readonly count: number;
}

/** So many problems of a group are told; formats for programs have them all. */
const TOLD = 10;

/** For people. In the order in which the first of each group came. */
export function groupProblems(problems: readonly Problem[]): ProblemGroup[] {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const key = `${problem.code}\0${problem.mend}`;
    const group = groups.get(key);
    if (group) group.push(problem);
    else groups.set(key, [problem]);
  }
  return [...groups.values()].map(groupOf);
}

function groupOf(problems: readonly Problem[]): ProblemGroup {
  const [first, ...others] = problems;
  const { code = '', mend = '' } = first ?? {};
  const count = total(problems);
  if (first && others.length === 0) return { code, mend, message: problemMessage(first), lines: [], count };
  const lines = [...linesOf(problems.slice(0, TOLD)), ...moreLines(problems.slice(TOLD))];
  return { code, mend, message: '', lines, count };
}

/** What happened to one thing, and which, as in `A tar archive is cut short (old.tar)`. */
const WHICH = /^(?<what>.+) \((?<which>[^()]+)\)$/su;
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** What befell several things is said once. */
function linesOf(problems: readonly Problem[]): string[] {
  const lines = new Map<string, { readonly what: string; readonly places: string[] }>();
  for (const problem of problems) {
    const text = problemMessage(problem);
    const { what = text, which } = (problem.count === undefined && WHICH.exec(problem.message)?.groups) || {};
    const key = `${what}\0${which === undefined ? '' : '…'}`;
    const line = lines.get(key) ?? { what, places: [] };
    if (which !== undefined) line.places.push(which);
    lines.set(key, line);
  }
  return [...lines.values()].map(({ what, places }) => placedText(what, places));
}

function placedText(what: string, places: readonly string[]): string {
  if (places.length < 2) return places.length === 0 ? what : `${what} (${places.join()})`;
  return `${what}: ${places.map((place) => (OBJECT_ID.test(place) ? shortId(place) : place)).join(', ')}`;
}

function moreLines(left: readonly Problem[]): string[] {
  if (left.length === 0) return [];
  const count = total(left);
  const where = count === left.length ? 'lists all' : `names ${left.length} of them`;
  return [`and ${grouped(count)} more; --format json ${where}`];
}

function total(problems: readonly Problem[]): number {
  return problems.reduce((sum, { count = 1 }) => sum + count, 0);
}

/** The code, and how many there are where lines tell of more than one. `code` is written as the format writes codes. */
export function groupTitle({ message, count }: ProblemGroup, code: string): string {
  return message === '' ? `${code}, ${grouped(count)} in all` : code;
}

/** What one problem says, and how often. */
export function problemMessage({ message, count = 1 }: Problem): string {
  return count > 1 ? `${message} (${grouped(count)} in all)` : message;
}

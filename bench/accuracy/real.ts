/** What scanners say of other people's published code, in which nothing ought to be a leak. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { seededRandom } from '../../src/rules/random.ts';
import { type Report, type Scanner, filesBelow } from './scanners.ts';

export interface Project {
  readonly name: string;
  readonly folder: string;
  readonly files: number;
  readonly lines: number;
  readonly bytes: number;
}

/** Reported lines of one scanner, each once. */
export interface Yield {
  readonly scanner: string;
  /** Of each project, and in total. */
  readonly reported: ReadonlyMap<string, number>;
  /** Lines inside a private key: real ones, made for tests. */
  readonly keyBlocks: number;
  /** The rest. */
  readonly others: readonly Place[];
  /** By what was read of the rest: somebody's real value, or none. */
  readonly leaks: number;
  readonly alarms: number;
  readonly unread: readonly Place[];
}

export interface Place extends Report {
  readonly project: string;
}

/** Of each scanner's reports so many are drawn to be read; all if there are no more. */
const SAMPLE = 40;

/** What a person found at a place, by `project/path:line`. */
const verdicts: Readonly<Record<string, 'leak' | 'alarm'>> = JSON.parse(
  readFileSync(fileURLToPath(new URL('verdicts.json', import.meta.url)), 'utf8'),
);

export function projectOf(argument: string): Project {
  const [name = '', folder = ''] = argument.split('=');
  const files = filesBelow(folder);
  let lines = 0;
  let bytes = 0;
  for (const file of files) {
    const content = readFileSync(path.join(folder, file));
    bytes += content.length;
    for (const byte of content) if (byte === 10) lines++;
  }
  return { name, folder, files: files.length, lines, bytes };
}

export function yieldOf(scanner: Scanner, projects: readonly Project[]): Yield {
  const reported = new Map<string, number>();
  const others: Place[] = [];
  let keyBlocks = 0;
  for (const { name, folder } of projects) {
    const places = new Map(scanner.scan(folder).map((report) => [`${report.file}:${report.line}`, report]));
    reported.set(name, places.size);
    for (const report of places.values()) {
      if (isKeyBlock(folder, report)) keyBlocks++;
      else others.push({ ...report, project: name });
    }
  }
  const sample = drawn(others);
  const said = (word: string): number => sample.filter((place) => verdicts[keyOf(place)] === word).length;
  return {
    scanner: scanner.name,
    reported,
    keyBlocks,
    others,
    leaks: said('leak'),
    alarms: said('alarm'),
    unread: sample.filter((place) => verdicts[keyOf(place)] === undefined),
  };
}

export const keyOf = ({ project, file, line }: Place): string => `${project}/${file}:${line}`;

/** The same ones at every run, as long as the scanner says the same. */
function drawn(places: readonly Place[]): Place[] {
  const random = seededRandom(1);
  return places
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map((place) => ({ place, order: random.below(2 ** 31) }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, SAMPLE)
    .map(({ place }) => place);
}

const BLOCK = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY( BLOCK)?-----/;
/** A key has no more lines. */
const LONGEST_BLOCK = 120;

function isKeyBlock(folder: string, { file, line }: Report): boolean {
  const lines = readFileSync(path.join(folder, file), 'latin1').split('\n');
  for (let at = line; at > Math.max(0, line - LONGEST_BLOCK); at--) {
    const text = lines[at - 1] ?? '';
    if (BLOCK.test(text)) return true;
    if (at < line && text.includes('-----END')) return false;
  }
  return false;
}

/** The line, for whoever reads it. */
export function lineOf({ folder }: Project, { file, line }: Report): string {
  return (readFileSync(path.join(folder, file), 'latin1').split('\n')[line - 1] ?? '').trim().slice(0, 300);
}

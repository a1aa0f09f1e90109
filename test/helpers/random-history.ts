/**
 * Random histories, built through fast-import: edits, renames, merges with and
 * without content of their own, octopus merges, reverts, cherry-picks, subtree
 * merges, several roots, files that become folders.
 */
import { makeRepository, type RepositoryOptions, type TestRepository } from './repository.ts';

/** Path → content. A content that begins with `@` is a gitlink, with `>` a symbolic link. */
export type Files = ReadonlyMap<string, string>;

export interface RandomCommit {
  readonly id: string;
  /** Indexes of earlier commits. */
  readonly parents: readonly number[];
  readonly files: Files;
}

export interface RandomHistory {
  readonly repository: TestRepository;
  readonly commits: readonly RandomCommit[];
  readonly markers: readonly string[];
}

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
export function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const PATHS = ['a.txt', 'b.txt', 'c/d.txt', 'c/e.txt', 'c/f/g.txt', 'h/i.txt', 'h', 'j/c/d.txt', 'k-l.txt', 'k/l.txt'];
const MARKERS = Array.from({ length: 6 }, (_, i) => `marker<${'abcdef'[i]}>`);

interface Draft {
  readonly parents: number[];
  readonly files: Map<string, string>;
}

export function makeRandomHistory(seed: number, count: number, options: RepositoryOptions = {}): RandomHistory {
  const random = makeRandom(seed);
  const drafts: Draft[] = [];
  for (let i = 0; i < count; i++) drafts.push(draftCommit(drafts, random));
  const repository = makeRepository(options);
  const ids = importDrafts(repository, drafts, random);
  const commits = drafts.map(({ parents, files }, i) => ({ id: ids[i] ?? '', parents, files }));
  pointRefs(repository, commits, random);
  return { repository, commits, markers: MARKERS };
}

function draftCommit(drafts: readonly Draft[], random: (below: number) => number): Draft {
  const kind = random(20);
  const pick = (): number => Math.max(0, drafts.length - 1 - random(Math.min(drafts.length, 8)));
  if (drafts.length === 0 || kind === 0) return { parents: [], files: edited(new Map(), random) };
  const first = pick();
  const files = new Map(drafts[first]?.files);
  const other = pick();
  const theirs = drafts[other]?.files ?? new Map<string, string>();
  if (kind < 6 && other !== first) return mergeDraft(files, theirs, [first, other], drafts, random);
  if (kind === 6) return { parents: [first], files: new Map(drafts[random(drafts.length)]?.files) };
  if (kind === 7) return { parents: [first], files: cherryPicked(files, theirs, random) };
  if (kind === 8) return { parents: [first, ...(other === first ? [] : [other])], files: subtree(files, theirs) };
  return { parents: [first], files: edited(files, random) };
}

/** Takes each path from one of the parents; now and then from none. */
function mergeDraft(
  files: Map<string, string>,
  theirs: Files,
  parents: number[],
  drafts: readonly Draft[],
  random: (below: number) => number,
): Draft {
  const third = random(drafts.length);
  if (random(3) === 0 && !parents.includes(third)) parents.push(third);
  const merged = new Map<string, string>();
  for (const source of [files, theirs, drafts[third]?.files ?? new Map<string, string>()]) {
    for (const [path, content] of source) if (random(2) === 0) put(merged, path, content);
  }
  return { parents, files: random(3) === 0 ? edited(merged, random) : merged };
}

function cherryPicked(
  files: Map<string, string>,
  theirs: Files,
  random: (below: number) => number,
): Map<string, string> {
  for (const [path, content] of theirs) if (random(3) === 0) put(files, path, content);
  return files;
}

function subtree(files: Map<string, string>, theirs: Files): Map<string, string> {
  for (const [path, content] of theirs) if (!path.startsWith('sub/sub/')) put(files, `sub/${path}`, content);
  return files;
}

function edited(files: Map<string, string>, random: (below: number) => number): Map<string, string> {
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const path = PATHS[random(PATHS.length)] ?? '';
    const paths = [...files.keys()];
    const from = paths[random(Math.max(1, paths.length))];
    const what = random(8);
    if (what === 0) files.delete(path);
    else if (what === 1 && from !== undefined) rename(files, from, path);
    else if (what === 2) put(files, path, random(2) === 0 ? '@' : `>${MARKERS[random(MARKERS.length)] ?? ''}`);
    else put(files, path, randomContent(random));
  }
  return files;
}

function rename(files: Map<string, string>, from: string, to: string): void {
  const moved = files.get(from) ?? '';
  files.delete(from);
  put(files, to, moved);
}

/** Writes a path; what stands in its way, as a file or as a folder, goes. */
function put(files: Map<string, string>, path: string, text: string): void {
  for (const other of files.keys()) {
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
  }
  files.set(path, text);
}

function randomContent(random: (below: number) => number): string {
  const held = MARKERS.filter(() => random(4) === 0);
  return `${held.join('\n')}\nfiller ${random(6)}\n`;
}

/** All commits at once; dates are distinct but not always in order. */
function importDrafts(
  repository: TestRepository,
  drafts: readonly Draft[],
  random: (below: number) => number,
): string[] {
  const dates = drafts.map((_, i) => repository.clock + i * 1000 + random(5000) * 7);
  const seen = new Set<number>();
  let stream = '';
  for (const [i, { parents, files }] of drafts.entries()) {
    let date = dates[i] ?? 0;
    while (seen.has(date)) date++;
    seen.add(date);
    const who = `Author ${i % 3} <author${i % 3}@example.test> ${date} +0100`;
    stream += `commit refs/import/${i}\nmark :${i + 1}\nauthor ${who}\ncommitter ${who}\ndata 2\nc\n`;
    if (parents[0] !== undefined) stream += `from :${parents[0] + 1}\n`;
    for (const parent of parents.slice(1)) stream += `merge :${parent + 1}\n`;
    stream += 'deleteall\n';
    for (const [path, text] of files) stream += fileCommand(repository, path, text);
  }
  for (let i = 0; i < drafts.length; i++) stream += `get-mark :${i + 1}\n`;
  return repository.gitBytes(['fast-import', '--quiet', '--force'], stream).toString().trim().split('\n');
}

function fileCommand(repository: TestRepository, path: string, text: string): string {
  if (text.startsWith('@')) {
    const length = repository.git('rev-parse', '--show-object-format') === 'sha256' ? 64 : 40;
    return `M 160000 ${'1'.repeat(length)} ${path}\n`;
  }
  const [mode, body] = text.startsWith('>') ? ['120000', text.slice(1)] : ['100644', text];
  return `M ${mode} inline ${path}\ndata ${Buffer.byteLength(body)}\n${body}\n`;
}

/** Keeps some commits on branches, remote-tracking branches and tags; the rest is reached through them or not at all. */
function pointRefs(
  repository: TestRepository,
  commits: readonly RandomCommit[],
  random: (below: number) => number,
): void {
  const deletions = commits.map((_, i) => `delete refs/import/${i}`);
  const picked = commits.filter((_, i) => i === commits.length - 1 || random(6) === 0);
  const kinds = ['refs/heads/b', 'refs/remotes/origin/b', 'refs/tags/t'];
  const creations = picked.map(({ id }, i) => `create ${kinds[i % 3]}${i} ${id}`);
  repository.gitBytes(['update-ref', '--stdin'], `${[...deletions, ...creations].join('\n')}\n`);
  repository.git('update-ref', 'refs/heads/main', picked.at(-1)?.id ?? '');
}

/** The markers in a content; a gitlink has none. */
export function markersIn(text: string | undefined, markers: readonly string[]): string[] {
  return text === undefined || text.startsWith('@') ? [] : markers.filter((marker) => text.includes(marker));
}

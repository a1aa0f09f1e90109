import type { Place } from '../../core/finding.ts';
import { placeOf } from '../../core/place.ts';
import type { AttributedPlace, Attribution, FilePlace, Holdings } from '../../core/source.ts';
import { isBlobMode } from '../../git/commit-diff.ts';
import type { CommitSelection } from '../../git/commit-range.ts';
import { type Commit, parseCommit } from '../../git/object/commit.ts';
import { parseTag } from '../../git/object/tag.ts';
import type { ObjectPipe } from '../../git/object-pipe.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';
import type { ChangeList } from './changes.ts';
import { type Introduction, Introductions } from './introductions.ts';
import type { CommitNames } from './names.ts';

/** What is known of a selection after its blobs were scanned. */
export interface CommitsState {
  readonly repository: Repository;
  readonly selection: CommitSelection;
  readonly changes: ChangeList;
  readonly names: CommitNames;
  readonly pipe: ObjectPipe;
  /** Objects that nothing of the selection leads to. */
  readonly strays: readonly string[];
}

/** One fingerprint somewhere, and the commit that brought it: a position, or −1. */
interface Placed {
  readonly blob: string;
  readonly fingerprint: string;
  readonly commit: number;
  readonly place: Partial<Place>;
}

/** Where the commits introduce what was found: at a path where no parent has it. */
export async function attributeCommits(
  state: CommitsState,
  holdings: Holdings,
  signal: AbortSignal,
): Promise<Attribution> {
  if (holdings.size === 0) return { places: [], firstSeen: new Map(), exposure: new Map() };
  const introductions = new Introductions(state.changes, holdings);
  for await (const changes of state.changes.all(signal)) introductions.add(changes);
  const placed = [
    ...introductions.all().map((one) => introduced(state, one)),
    ...looseBlobs(state, holdings),
    ...messages(state, holdings),
    ...(await tagMessages(state, holdings, signal)),
    ...named(state, holdings),
  ].toSorted((a, b) => a.commit - b.commit);
  const told = await readCommits(state, placed, signal);
  const local = await localCommits(state, [...told.keys()], signal);
  return { ...summarise(state, placed, told, local), standing: introductions.standing };
}

/** Where the commits bring a new version of a file at a wanted path. */
export async function filesOfCommits(
  state: CommitsState,
  wanted: (path: string) => boolean,
  signal: AbortSignal,
): Promise<FilePlace[]> {
  const placed: Placed[] = [];
  for await (const changes of state.changes.all(signal)) {
    for (const { commit, path, mode, id, before } of changes) {
      if (id === null || !isBlobMode(mode) || before.includes(id) || !wanted(path)) continue;
      placed.push({ blob: id, fingerprint: path, commit, place: { kind: 'blob', path, blob: id } });
    }
  }
  const told = await readCommits(state, placed, signal);
  const local = await localCommits(state, [...told.keys()], signal);
  const { places, exposure } = summarise(
    state,
    placed.toSorted((a, b) => a.commit - b.commit),
    told,
    local,
  );
  return places.map(({ place, fingerprint }) => ({ place, exposure: exposure.get(fingerprint) ?? 'unknown' }));
}

function introduced({ changes }: CommitsState, { change, fingerprint, ...rest }: Introduction): Placed {
  const id = changes.commits[change.commit]?.id ?? '';
  const boundary = changes.boundary.has(id) ? { atBoundary: true } : {};
  const blob = change.id ?? '';
  return {
    blob,
    fingerprint,
    commit: change.commit,
    place: { kind: 'blob', path: change.path, blob, ...rest, ...boundary },
  };
}

/** Blobs that a ref or tag names by itself, and what nothing names. */
function looseBlobs({ selection, strays }: CommitsState, holdings: Holdings): Placed[] {
  return [
    ...selection.objects.flatMap(({ id }) => each(holdings, id, -1, { kind: 'blob', blob: id })),
    ...strays.flatMap((id) => each(holdings, id, -1, { kind: 'blob', blob: id, reach: 'none' })),
  ];
}

function messages({ changes }: CommitsState, holdings: Holdings): Placed[] {
  return changes.commits.flatMap(({ id }, commit) => each(holdings, id, commit, { kind: 'commit-message', blob: id }));
}

async function tagMessages(
  { selection, pipe }: CommitsState,
  holdings: Holdings,
  signal: AbortSignal,
): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const id of selection.tags) {
    if (!holdings.has(id)) continue;
    const object = await pipe.get(id, signal);
    if (object === null) continue;
    const { tagger, object: commit } = parseTag(object.bytes);
    const people = { author: tagger.name, email: tagger.email, authorDate: tagger.date };
    placed.push(...each(holdings, id, -1, { kind: 'tag-message', commit, blob: id, ...people }));
  }
  return placed;
}

function named({ names }: CommitsState, holdings: Holdings): Placed[] {
  return [...holdings.keys()].flatMap((id) => {
    const place = names.placeOf(id);
    return place === null ? [] : each(holdings, id, place.commit, { kind: 'path', path: place.path });
  });
}

function each(holdings: Holdings, blob: string, commit: number, place: Partial<Place>): Placed[] {
  return [...(holdings.get(blob) ?? [])].map((fingerprint) => ({ blob, fingerprint, commit, place }));
}

/** The commits that are told of, by id. */
async function readCommits(
  { changes, pipe }: CommitsState,
  placed: readonly Placed[],
  signal: AbortSignal,
): Promise<Map<string, Commit>> {
  const told = new Map<string, Commit>();
  for (const commit of new Set(placed.map((one) => one.commit))) {
    const id = changes.commits[commit]?.id;
    const object = id === undefined ? null : await pipe.get(id, signal);
    if (id !== undefined && object?.type === 'commit') told.set(id, parseCommit(object.bytes));
  }
  return told;
}

/** Those of the commits that no remote-tracking ref reaches; null where there can be none. */
async function localCommits(
  { repository, selection }: CommitsState,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string> | null> {
  if (repository.bare || selection.withoutRefs === true) return null;
  if (ids.length === 0) return new Set();
  const { stdout } = await runGit(repository.invocation, ['rev-list', '--stdin', '--not', '--remotes'], {
    signal,
    input: ids.map((id) => `${id}\n`).join(''),
  });
  return new Set(stdout.toString('latin1').split('\n'));
}

function summarise(
  { changes }: CommitsState,
  placed: readonly Placed[],
  told: ReadonlyMap<string, Commit>,
  local: ReadonlySet<string> | null,
): Attribution {
  const places: AttributedPlace[] = [];
  const firstSeen = new Map<string, { commit: string; author: string; date: string }>();
  const exposure = new Map<string, 'local' | 'remote' | 'unknown'>();
  for (const { blob, fingerprint, commit, place } of placed) {
    const id = changes.commits[commit]?.id ?? null;
    const known = id === null ? undefined : told.get(id);
    places.push({ blob, fingerprint, place: { ...placeIn(id, known), ...place } });
    if (id !== null && known !== undefined && !firstSeen.has(fingerprint))
      firstSeen.set(fingerprint, {
        commit: id,
        author: known.author.name,
        date: known.committer.date ?? known.author.date ?? '1970-01-01T00:00:00Z',
      });
    if (local === null) exposure.set(fingerprint, 'unknown');
    else if (id !== null && !local.has(id)) exposure.set(fingerprint, 'remote');
    else if (!exposure.has(fingerprint)) exposure.set(fingerprint, 'local');
  }
  return { places, firstSeen, exposure };
}

function placeIn(commit: string | null, known: Commit | undefined): Place {
  return placeOf({
    kind: 'blob',
    commit,
    author: known?.author.name ?? null,
    email: known?.author.email ?? null,
    authorDate: known?.author.date ?? null,
    commitDate: known?.committer.date ?? null,
    reach: 'ref',
  });
}

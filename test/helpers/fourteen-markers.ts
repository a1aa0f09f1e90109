/**
 * A repository with one marker in each place where patch scanners miss some:
 * the classes of content that only a walk over all objects finds whole.
 */
import type { ScriptedRepository } from './scripted-repository.ts';

export interface Marker {
  /** The text to look for. */
  readonly text: string;
  readonly where: string;
  readonly kind: 'blob' | 'note' | 'tag-message' | 'commit-message';
  readonly path: string | null;
  readonly commit: string | null;
  readonly author: string | null;
  readonly reach: 'ref' | 'reflog' | 'index' | 'none';
  readonly utf16?: boolean;
}

type Layout = 'loose' | 'packed';

/** A text that no compression or delta gives away by chance, and that no rule knows. */
function plainText(where: string): string {
  return `marker<${where.replaceAll(/[^a-z0-9]+/gi, '-')}>`;
}

class Builder {
  readonly repository: ScriptedRepository;
  readonly markers: Marker[] = [];
  /** The marker of a place: always the same for the same place. */
  readonly text: (where: string) => string;

  constructor(repository: ScriptedRepository, text: (where: string) => string) {
    this.repository = repository;
    this.text = text;
  }

  file(where: string): string {
    return `first line\n${this.text(where)}\nlast line\n`;
  }

  expect(where: string, rest: Partial<Marker>): void {
    this.markers.push({
      text: this.text(where),
      where,
      kind: 'blob',
      path: null,
      commit: null,
      author: 'Ada Author',
      reach: 'ref',
      ...rest,
    });
  }

  /** Runs `work` as another author. */
  as(author: string, work: () => void): void {
    const { environment } = this.repository;
    const before = environment['GIT_AUTHOR_NAME'] ?? '';
    environment['GIT_AUTHOR_NAME'] = author;
    work();
    environment['GIT_AUTHOR_NAME'] = before;
  }
}

/**
 * Puts them in.
 * @param repository - on branch `main`, empty or not
 * @param layout - `packed` stores all objects, unreachable ones too, in packs
 */
export function plantFourteenMarkers(
  repository: ScriptedRepository,
  layout: Layout,
  text: (where: string) => string = plainText,
): readonly Marker[] {
  const builder = new Builder(repository, text);
  repository.commit('start', { 'readme.txt': 'nothing here\n' });
  for (const step of [branch, note, merge, noDiff, utf16, amended, deletedBranch, tag, message, stashes, staged])
    step(builder);
  if (layout === 'packed') {
    repository.git('repack', '-adkq');
    repository.git('prune-packed', '-q');
  }
  return builder.markers;
}

function branch(builder: Builder): void {
  const { repository } = builder;
  repository.git('switch', '-qc', 'feature');
  builder.as('Bea Branch', () => {
    const commit = repository.commit('add', { 'src/deep/branch.txt': builder.file('branch') });
    builder.expect('branch', { path: 'src/deep/branch.txt', commit, author: 'Bea Branch' });
  });
  repository.git('rm', '-q', 'src/deep/branch.txt');
  repository.commit('remove', { 'src/other.txt': 'stays\n' });
  repository.git('switch', '-q', 'main');
  repository.tick();
  repository.git('merge', '-q', '--no-ff', '-m', 'merge feature', 'feature');
  repository.git('branch', '-qD', 'feature');
}

function note(builder: Builder): void {
  const { repository } = builder;
  const annotated = repository.id('HEAD');
  repository.tick();
  repository.git('notes', 'add', '-m', builder.file('note'), annotated);
  builder.expect('note', { kind: 'note', path: annotated, commit: repository.id('refs/notes/commits') });
}

function merge(builder: Builder): void {
  const { repository } = builder;
  repository.git('switch', '-qc', 'side');
  repository.commit('side', { 'side.txt': 'side\n' });
  repository.git('switch', '-q', 'main');
  repository.commit('main', { 'main.txt': 'main\n' });
  repository.git('merge', '-q', '--no-ff', '--no-commit', 'side');
  const commit = repository.commit('merge with more', { 'evil.txt': builder.file('merge') });
  builder.expect('merge', { path: 'evil.txt', commit });
}

function noDiff(builder: Builder): void {
  const commit = builder.repository.commit('no diff', {
    '.gitattributes': '*.lock -diff\n',
    'yarn.lock': builder.file('no-diff'),
  });
  builder.expect('no-diff', { path: 'yarn.lock', commit });
}

function utf16(builder: Builder): void {
  const content = Buffer.from(`\uFEFF${builder.file('utf16')}`, 'utf16le');
  const commit = builder.repository.commit('utf-16', { 'export.txt': content });
  builder.expect('utf16', { path: 'export.txt', commit, utf16: true });
}

function amended(builder: Builder): void {
  const { repository } = builder;
  const commit = repository.commit('before amending', { 'amended.txt': builder.file('amended') });
  repository.commit('after amending', { 'amended.txt': 'clean\n' }, '--amend');
  builder.expect('amended', { path: 'amended.txt', commit, reach: 'reflog' });
}

function deletedBranch(builder: Builder): void {
  const { repository } = builder;
  repository.git('switch', '-qc', 'doomed');
  const commit = repository.commit('on a branch that goes', { 'doomed.txt': builder.file('deleted-branch') });
  repository.git('switch', '-q', 'main');
  repository.git('branch', '-qD', 'doomed');
  builder.expect('deleted-branch', { path: 'doomed.txt', commit, reach: 'reflog' });
}

function tag(builder: Builder): void {
  const { repository } = builder;
  repository.tick();
  repository.git('tag', '-a', 'v1', '-m', builder.file('tag'));
  builder.expect('tag', { kind: 'tag-message', commit: repository.id('HEAD'), author: 'Cleo Committer' });
}

function message(builder: Builder): void {
  const commit = builder.repository.commit(`empty\n\n${builder.text('message')}`);
  builder.expect('message', { kind: 'commit-message', commit });
}

function stashes(builder: Builder): void {
  const { repository } = builder;
  repository.write('readme.txt', builder.file('older-stash'));
  repository.tick();
  repository.git('stash', 'push', '-q', '-m', 'older');
  const older = repository.id('refs/stash');
  builder.expect('older-stash', { path: 'readme.txt', commit: older, reach: 'reflog', author: 'Ada Author' });
  repository.stage({ 'staged-in-stash.txt': builder.file('stash-index') });
  repository.write('readme.txt', builder.file('stash-work'));
  repository.write('untracked.txt', builder.file('stash-untracked'));
  repository.tick();
  repository.git('stash', 'push', '-q', '-u', '-m', 'newest');
  builder.expect('stash-index', { path: 'staged-in-stash.txt', commit: repository.id('refs/stash^2') });
  builder.expect('stash-untracked', { path: 'untracked.txt', commit: repository.id('refs/stash^3') });
  builder.expect('stash-work', { path: 'readme.txt', commit: repository.id('refs/stash') });
}

function staged(builder: Builder): void {
  const { repository } = builder;
  repository.stage({ 'dropped.txt': builder.file('staged') });
  repository.git('rm', '-q', '--cached', 'dropped.txt');
  builder.expect('staged', { author: null, reach: 'none' });
}

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Objects that somebody else's checkout has already. */
export interface Borrowed {
  /** Its object directory. */
  readonly objects: string;
  /** Where its history is cut; null if it is whole. */
  readonly shallow: string | null;
}

/**
 * What can be taken over from the checkout that an earlier step may have made,
 * so that it need not be fetched again. Only objects are: none of its
 * configuration is read and nothing is written there.
 *
 * @returns null where there is none, or where objects are left out on purpose
 */
export function borrowableFrom(workspace: string | undefined, idLength: number): Borrowed | null {
  if (workspace === undefined) return null;
  const gitDir = path.join(workspace, '.git');
  const objects = path.join(gitDir, 'objects');
  // A linked work tree or a submodule has a file there; git reads this path line by line.
  if (!isFolder(objects) || /["\n#]/.test(objects) || isPartial(objects)) return null;
  if (idLengthOf(gitDir) !== idLength) return null;
  const shallow = path.join(gitDir, 'shallow');
  return { objects, shallow: existsSync(shallow) ? shallow : null };
}

/** A partial clone's packs say that what they lack can be asked for; here it could not. */
function isPartial(objects: string): boolean {
  const packs = path.join(objects, 'pack');
  return isFolder(packs) && readdirSync(packs).some((name) => name.endsWith('.promisor'));
}

function idLengthOf(gitDir: string): number {
  try {
    return /^\s*objectformat\s*=\s*sha256\s*$/im.test(readFileSync(path.join(gitDir, 'config'), 'utf8')) ? 64 : 40;
  } catch {
    return 40;
  }
}

function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * An empty bare repository, written by hand: no template, no hooks, nothing of
 * the machine's own settings.
 */
export function createBareStore(folder: string, idLength: number, borrowed: Borrowed | null): void {
  for (const name of ['objects/info', 'objects/pack', 'refs/heads'])
    mkdirSync(path.join(folder, name), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, 'HEAD'), 'ref: refs/heads/none\n');
  const format =
    idLength === 64
      ? '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n'
      : '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
  writeFileSync(path.join(folder, 'config'), format);
  if (borrowed === null) return;
  writeFileSync(path.join(folder, 'objects', 'info', 'alternates'), `${borrowed.objects}\n`);
  if (borrowed.shallow !== null) copyFileSync(borrowed.shallow, path.join(folder, 'shallow'));
}

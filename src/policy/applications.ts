import type { Occurrence } from '../core/finding.ts';

/** Files that stand at the top of an application or package. */
export const MANIFESTS: readonly string[] = [
  'package.json',
  'composer.json',
  'pyproject.toml',
  'setup.py',
  'requirements.txt',
  'go.mod',
  'Cargo.toml',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Gemfile',
  'mix.exs',
  'pubspec.yaml',
  'Dockerfile',
];

/** Folders whose folders are applications, by custom. */
const COMMONS = /^(?:apps|packages|services|projects|modules|functions|lambdas|sites|clients|servers|microservices)$/;

/** Levels looked up from a file to the top of its application. */
const DEEPEST = 40;

/** The first place of a key in each application that has it. */
export function applicationsOf(
  occurrences: readonly Occurrence[],
  isApplication: (folder: string) => boolean,
): Occurrence[] {
  const firsts = new Map<string, Occurrence>();
  for (const one of occurrences) {
    if (one.path === null || (one.kind !== 'file' && one.kind !== 'blob')) continue;
    const application = applicationOf(one.path, isApplication);
    if (!firsts.has(application)) firsts.set(application, one);
  }
  return [...firsts.values()];
}

/** The nearest folder above a file that is the top of an application; the tree's own top is one. */
export function applicationOf(file: string, isApplication: (folder: string) => boolean): string {
  const folders = file.split('/').slice(0, -1);
  for (let depth = Math.min(folders.length, DEEPEST); depth > 0; depth--) {
    const folder = folders.slice(0, depth).join('/');
    if (COMMONS.test(folders[depth - 2] ?? '') || isApplication(folder)) return folder;
  }
  return '';
}

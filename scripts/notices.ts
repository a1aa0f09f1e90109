/** Collects the licences of the packages that a bundle contains. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** @param inputs - the bundle's source files, as esbuild names them */
export function writeNotices(root: string, file: string, inputs: readonly string[]): void {
  const folders = inputs.map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  const packages = [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
  const notices = packages.map((folder) => notice(path.resolve(root, folder)));
  writeFileSync(file, `${notices.join(`\n${'-'.repeat(80)}\n\n`)}\n`);
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  ) as PackageFacts;
  const licence = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = licence === undefined ? '' : readFileSync(path.join(folder, licence), 'utf8').trim();
  return `${name} ${version} (${license ?? 'see below'})\n\n${text}`.trim();
}

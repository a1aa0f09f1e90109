import { accessSync, constants, realpathSync } from 'node:fs';
import path from 'node:path';

/** How a person would call this program again: what advice that can be pasted begins with. */
export function calledAs(script = process.argv[1] ?? '', environment = process.env): string {
  const folders = (environment['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  if (folders.some((folder) => isExecutable(path.join(folder, 'unleak')))) return 'unleak';
  if (script.replaceAll('\\', '/').includes('/node_modules/')) return 'npx unleak';
  const file = real(script);
  const near = path.relative('', file);
  return `node ${near.length < file.length ? near : file}`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

import { writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Options by which the command line's code makes the same ids as this run.
 * Ids of a project's own key can be compared only by who has that key.
 */
export function fingerprintOptionsFor(folder: string, key: string | undefined): Record<string, readonly string[]> {
  if (key === undefined) return {};
  const file = path.join(folder, 'fingerprint.toml');
  writeFileSync(file, `fingerprint-key = ${JSON.stringify(key)}\n`, { mode: 0o600 });
  return { config: [file] };
}

import type { Recorded } from '../journal/entry.ts';
import { writePrivately } from '../write.ts';
import { evidenceHtml } from './html.ts';
import { evidenceJson, evidenceMarkdown } from './markdown.ts';
import { evidenceOf } from './model.ts';

/** Writes the three renderings into a folder, for this user alone. @returns their paths */
export function writeEvidence(folder: string, incident: string, entries: readonly Recorded[]): readonly string[] {
  const evidence = evidenceOf(incident, entries);
  return [
    writePrivately(folder, 'evidence.md', evidenceMarkdown(evidence)),
    writePrivately(folder, 'evidence.json', evidenceJson(evidence)),
    writePrivately(folder, 'evidence.html', evidenceHtml(evidence)),
  ];
}

/** Keys for tests that run the built command: well formed, made up at run time, never written down. */
import { seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';

/** A GitHub token with a right checksum: high confidence wherever it stands. */
export function sureKey(seed: number): string {
  return expanded('ghp_${base62:30}${crc32-base62}', seed);
}

/** A line that gives a random value to a name that sounds like a key's: medium confidence. */
export function doubtfulLine(seed: number): string {
  return `const apiSecret = '${expanded('${base62:32}', seed)}';\n`;
}

function expanded(template: string, seed: number): string {
  return expandTemplate(template, seededRandom(seed), 'test').text;
}

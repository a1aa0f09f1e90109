import type { CheckFunction } from './check.ts';
import { crc32Base62 } from './crc32-base62.ts';
import { entropy, entropyAbove, entropyRatio } from './entropy.ts';
import { notCode } from './not-code.ts';
import { notPlaceholder } from './placeholder.ts';
import { isPublishedSample } from './published-samples.ts';
import { likeRandom } from './random.ts';
import { hex, jwt, minDigits, mixed, mixedCase, mixedOrRandom, notHex, notPrefix, notUuid } from './shape.ts';
import { sha256Base32 } from './sha256-base32.ts';
import { notWords } from './words.ts';

/** Every check a rule may name, by that name. A new check is a new file and a line here. */
export const CHECKS: ReadonlyMap<string, CheckFunction> = new Map<string, CheckFunction>([
  // Names what needs no placeholder test, such as a key block.
  ['any-value', () => null],
  ['not-sample', ({ secret }) => (isPublishedSample(secret) ? 'a published sample' : null)],
  ['crc32-base62', crc32Base62],
  ['entropy', entropy],
  ['entropy-above', entropyAbove],
  ['entropy-ratio', entropyRatio],
  ['hex', hex],
  ['jwt', jwt],
  ['min-digits', minDigits],
  ['mixed', mixed],
  ['mixed-case', mixedCase],
  ['mixed-or-random', mixedOrRandom],
  ['not-code', notCode],
  ['not-hex', notHex],
  ['not-placeholder', notPlaceholder],
  ['not-prefix', notPrefix],
  ['not-uuid', notUuid],
  ['not-words', notWords],
  ['random', likeRandom],
  ['sha256-base32', sha256Base32],
]);

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Detector } from '../core/detector.ts';
import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { openArchive } from '../detect/archive/open.ts';
import { createEngine } from '../detect/engine.ts';
import { growingPrefilter } from '../prefilter/growing.ts';
import { literalSet, literalTargets } from '../prefilter/literal-set.ts';
import { PACKED_FILE, type PackedLiterals, packLiterals } from '../prefilter/packed.ts';
import { BUILTIN_RULES } from '../rules/builtin.generated.ts';
import { readWords } from '../bytes/read-words.ts';

/** The engine over a set of rules, with everything it needs to read other people's rules and archives. */
export async function detectorFor(rules: readonly Rule[]): Promise<Detector> {
  const untrusted = rules.some((rule) => rule.untrusted === true);
  const linear = untrusted ? (await import('../detect/linear-regex.ts')).linearRegex : undefined;
  return createEngine(rules, {
    ready: {
      targets: literalTargets(rules, ALLOW_MARKERS),
      prefilter: growingPrefilter(literalsOf(rules), () => literalSet(rules, ALLOW_MARKERS).literals),
    },
    openArchive,
    ...(linear === undefined ? {} : { linearRegex: linear }),
  });
}

/** The literals of the built-in rules were laid out when the command was built. */
function literalsOf(rules: readonly Rule[]): PackedLiterals {
  // Beside the command, or beside the Action.
  const built = ['../bin/', './'].map((folder) => fileURLToPath(new URL(`${folder}${PACKED_FILE}`, import.meta.url)));
  const file = rules === BUILTIN_RULES ? built.find((name) => existsSync(name)) : undefined;
  if (file !== undefined) return { words: readWords(readFileSync(file)) };
  return packLiterals(literalSet(rules, ALLOW_MARKERS).literals);
}

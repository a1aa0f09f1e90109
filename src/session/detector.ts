import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Detector } from '../core/detector.ts';
import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { openArchive } from '../detect/archive/open.ts';
import { createEngine } from '../detect/engine.ts';
import { growingPrefilter } from '../prefilter/growing.ts';
import { literalTargets } from '../prefilter/literal-set.ts';
import { PACKED_FILE, type PackedLiterals, packLiterals } from '../prefilter/packed.ts';
import { haveLaidOut, ruleLiterals, ruleScreens } from '../prefilter/rule-literals.ts';
import { SCREENS_FILE } from '../prefilter/screens.ts';
import { sharedAutomaton } from '../prefilter/shared-automaton.ts';
import { BUILTIN_RULES } from '../rules/builtin.generated.ts';
import { invert, readWords } from '../bytes/read-words.ts';

/** The engine over a set of rules, with everything it needs to read other people's rules and archives. */
export async function detectorFor(rules: readonly Rule[]): Promise<Detector> {
  const untrusted = rules.some((rule) => rule.untrusted === true || rule.filters !== undefined);
  const linear = untrusted ? (await import('../detect/linear-regex.ts')).linearRegex : undefined;
  return createEngine(rules, {
    ready: {
      targets: literalTargets(rules, ALLOW_MARKERS),
      prefilter: growingPrefilter(
        packedOf(rules),
        () => ruleLiterals(rules, ALLOW_MARKERS).literals,
        ruleScreens(rules),
        () => sharedAutomaton(rules),
      ),
    },
    openArchive,
    ...(linear === undefined ? {} : { linearRegex: linear }),
  });
}

/** The literals of the built-in rules were laid out when the command was built. */
let builtin: PackedLiterals | null = null;
function packedBuiltin(): PackedLiterals | null {
  const words = builtin === null ? laidOut(PACKED_FILE) : null;
  if (words !== null) builtin = { words };
  return builtin;
}

haveLaidOut(BUILTIN_RULES, { literals: packedBuiltin, screens: () => laidOut(SCREENS_FILE) });

function packedOf(rules: readonly Rule[]): PackedLiterals {
  const packed = rules === BUILTIN_RULES ? packedBuiltin() : null;
  return packed ?? packLiterals(ruleLiterals(rules, ALLOW_MARKERS).literals);
}

/** As they lie beside the Action, which is committed and therefore scanned: inverted; or beside the command. */
function laidOut(file: string): Uint32Array | null {
  const [inverted, plain] = [`./${file}.inverted`, `../bin/${file}`].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  if (inverted !== undefined && existsSync(inverted)) return readWords(invert(readFileSync(inverted)));
  return plain !== undefined && existsSync(plain) ? readWords(readFileSync(plain)) : null;
}

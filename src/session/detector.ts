import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Detector } from '../core/detector.ts';
import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { openArchive } from '../detect/archive/open.ts';
import { createEngine } from '../detect/engine.ts';
import { REACHES_FILE } from '../kernel/laid-reaches.ts';
import { growingPrefilter } from '../prefilter/growing.ts';
import { literalTargets } from '../prefilter/literal-set.ts';
import { PACKED_FILE } from '../prefilter/packed.ts';
import { type LaidOut, haveLaidOut, ruleLiterals, rulePack, ruleScreens } from '../prefilter/rule-literals.ts';
import { openScreening } from '../prefilter/screening.ts';
import { SCREENS_FILE } from '../prefilter/screens.ts';
import { automatonForAll } from '../prefilter/shared-automaton.ts';
import { BUILTIN_RULES } from '../rules/builtin.generated.ts';
import { POINTER } from '../sources/lfs.ts';
import { invert, readWords } from '../bytes/read-words.ts';

/** The engine over a set of rules, with everything it needs to read other people's rules and archives. */
export async function detectorFor(rules: readonly Rule[]): Promise<Detector> {
  const untrusted = rules.some((rule) => rule.untrusted === true || rule.filters !== undefined);
  const linear = untrusted ? (await import('../detect/linear-regex.ts')).linearRegex : undefined;
  const all = literalTargets(rules, ALLOW_MARKERS);
  const laid = ruleScreens(rules);
  const screening = laid === null ? null : openScreening(rules, all, laid);
  return createEngine(rules, {
    ready: {
      targets: screening?.targets ?? all,
      ...(screening === null ? {} : { names: screening.search.names }),
      prefilter: growingPrefilter(
        rulePack(rules, ALLOW_MARKERS),
        () => ruleLiterals(rules, ALLOW_MARKERS).literals,
        screening?.search ?? null,
        automatonForAll(rules, ALLOW_MARKERS),
      ),
    },
    openArchive,
    ...(linear === undefined ? {} : { linearRegex: linear }),
  });
}

/** The built-in rules were laid out when the command was built. */
let builtin: LaidOut | null = null;
function builtinLaidOut(): LaidOut | null {
  const words = builtin === null ? laidOut(PACKED_FILE) : null;
  if (words === null) return builtin;
  const reaches = laidOut(REACHES_FILE);
  const withMarker = reaches && { words: reaches, marker: POINTER };
  return (builtin = { packed: { words }, screens: laidOut(SCREENS_FILE), reaches: withMarker });
}

haveLaidOut(BUILTIN_RULES, builtinLaidOut);

/** As they lie beside the Action, which is committed and therefore scanned: inverted; or beside the command. */
function laidOut(file: string): Uint32Array | null {
  const [inverted, plain] = [`./${file}.inverted`, `../bin/${file}`].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  if (inverted !== undefined && existsSync(inverted)) return readWords(invert(readFileSync(inverted)));
  return plain !== undefined && existsSync(plain) ? readWords(readShared(plain)) : null;
}

/** A file in memory that threads share: it is posted to them without a copy. */
function readShared(file: string): Uint8Array {
  const fd = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(new SharedArrayBuffer(fstatSync(fd).size));
    for (let at = 0, read = 1; read > 0 && at < bytes.length; at += read)
      read = readSync(fd, bytes, at, bytes.length - at, at);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

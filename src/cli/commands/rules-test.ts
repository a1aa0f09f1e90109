import path from 'node:path';

import type { Detector } from '../../core/detector.ts';
import type { Rule } from '../../core/rule.ts';
import { type GoNode, GoPatternError, readGoPattern } from '../../detect/go/pattern.ts';
import { linearRegex } from '../../detect/linear-regex.ts';
import { TRIAL_MENDS, type TrialCode } from '../../errors/trial.ts';
import { RuleError } from '../../errors/rule.ts';
import { loadGitleaks } from '../../gitleaks/load.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import { counted } from '../../report/words.ts';
import { compileRules } from '../../rules/compile.ts';
import { loadRuleFile } from '../../rules/load.ts';
import { type Node, readPattern } from '../../rules/pattern.ts';
import { type RuleSamples, selfTest } from '../../rules/self-test.ts';
import { type TrialFailure, tryRule } from '../../rules/trial/trial.ts';
import { detectorFor } from '../../session/detector.ts';
import { diskFiles } from '../../session/project-files.ts';
import { SETTINGS_MOST } from '../../session/read-given.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Streams } from '../streams.ts';

/** Random keys for each context. */
const KEYS = 1000;

/** Rules of one file, and what it says of them. */
interface Tested {
  readonly rules: readonly Rule[];
  readonly samples: readonly RuleSamples[];
  readonly remarks: readonly string[];
  readonly nodeOf: (source: string, ignoreCase: boolean) => Node | null;
}

/** Holds the rules of a file, ours or a configuration of gitleaks, to their examples and to random keys. */
export async function testRules(
  file: string,
  text: string,
  only: readonly string[],
  { out, err }: Streams,
): Promise<ExitCode> {
  const { rules, samples, remarks, nodeOf } = /\.toml$/i.test(file) ? await theirs(file, text) : ours(file, text);
  const chosen = rules.filter(({ id }) => only.length === 0 || only.includes(id));
  if (chosen.length === 0) throw new RuleError('RULE_NONE', `${file} has no such rule`);
  const detector = await detectorFor(rules);
  const covers = (source: string, one: string): boolean => linearRegex(source, false).covers(one);
  const scan: Detector['scan'] = (bytes) => detector.scan(bytes);
  const own = selfTest(
    samples.filter(({ rule }) => only.length === 0 || only.includes(rule)),
    scan,
  );
  const trials = chosen.map((rule) =>
    tryRule(rule, samples.find((one) => one.rule === rule.id)?.examples ?? [], { keys: KEYS, scan, nodeOf, covers }),
  );
  const failures = [
    ...own.failures.map(({ rule, kind, template, why }): TrialFailure => ({
      rule,
      code: 'TRIAL_EXAMPLE',
      why: `${kind} ${JSON.stringify(template)}: ${why}`,
    })),
    ...trials.flatMap((trial) => trial.failures),
  ];
  for (const { rule, code, why } of failures) out.write(`${terminalText(`${rule}: ${code}: ${why}`)}\n`);
  for (const code of new Set(failures.map((failure): TrialCode => failure.code)))
    err.write(`unleak: ${code}\n  mend: ${TRIAL_MENDS[code]}\n`);
  for (const remark of [...remarks, ...trials.flatMap(({ untried }) => untried)])
    err.write(`unleak: ${terminalText(remark)}\n`);
  const keys = trials.reduce((sum, { tried }) => sum + tried, 0);
  const about = [counted(chosen.length, 'rule'), counted(own.tried, 'sample'), counted(keys, 'random key')];
  err.write(`unleak: ${about.join(', ')}, ${counted(failures.length, 'failure')}\n`);
  return failures.length === 0 ? EXIT.clean : EXIT.found;
}

function ours(file: string, text: string): Tested {
  const loaded = loadRuleFile(text, file);
  return {
    rules: compileRules([loaded], { untrusted: true }),
    samples: loaded.content.rules.map(({ id, examples, counterexamples }) => ({
      file,
      rule: id,
      examples,
      counterexamples,
    })),
    remarks: [],
    nodeOf: (source, ignoreCase) => readPattern(source, file, ignoreCase).node,
  };
}

/** A configuration has no examples: its rules are tried on what their expressions match. */
async function theirs(file: string, text: string): Promise<Tested> {
  const files = diskFiles(path.resolve('.'));
  const given = { name: file, bytes: Buffer.from(text) };
  const read = (name: string): Promise<Uint8Array | null> => files.read(name, SETTINGS_MOST);
  const { rules, remarks, untranslated } = await loadGitleaks(given, read, linearRegex);
  return { rules, samples: [], remarks: [...remarks, ...untranslated], nodeOf: nodeOfGo };
}

function nodeOfGo(source: string): Node | null {
  try {
    return fromGo(readGoPattern(source).node);
  } catch (error) {
    if (error instanceof GoPatternError) return null;
    throw error;
  }
}

function fromGo(node: GoNode): Node {
  switch (node.kind) {
    case 'set':
      return node;
    case 'sequence':
      return { kind: 'sequence', items: node.items.map(fromGo) };
    case 'choice':
      return { kind: 'choice', options: node.options.map(fromGo) };
    case 'repeat':
      return { kind: 'repeat', item: fromGo(node.item), min: node.min, max: node.max, lazy: false };
    case 'edge':
      return { kind: 'edge', edge: node.atEnd ? '$' : 'b' };
  }
}

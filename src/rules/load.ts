import type * as z from 'zod/mini';
import { type Document, LineCounter, isMap, isNode, isPair, isScalar, parseDocument, visit } from 'yaml';

import { RuleError } from '../errors/rule.ts';
import { nearest } from '../core/nearest.ts';
import { RULE_FILE, type RuleFile, keysAt } from './schema.ts';

/** A rule file that has the right shape; patterns and literals are compile.ts's business. */
export interface LoadedFile {
  /** What to call the file in messages. */
  readonly name: string;
  readonly content: RuleFile;
  /** `name:line:column` of a value, for messages about it. */
  readonly locate: (path: readonly PropertyKey[]) => string;
}

const LARGEST = 1024 * 1024;
/** A file of few lines must not expand to millions of nodes. */
const MOST_ALIASES = 100;

/**
 * Reads one rule file.
 *
 * @param text - the file as read; at most 1 MiB
 * @param name - path for messages
 * @throws RuleError `RULE_TOO_LARGE`, `RULE_YAML`, or `RULE_SHAPE` with line and column
 */
export function loadRuleFile(text: string, name: string): LoadedFile {
  if (text.length > LARGEST) throw new RuleError('RULE_TOO_LARGE', `${name} is larger than 1 MiB`);
  const lines = new LineCounter();
  // The parser compares every key of a map with every other one: `repeatedKey` does not.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const problem: Fault | undefined = document.errors[0] ?? document.warnings[0] ?? repeatedKey(document);
  if (problem !== undefined) {
    const at = place(name, lines, problem.pos[0]);
    throw new RuleError('RULE_YAML', `${at}: ${problem.message}`, { cause: problem });
  }
  const locate = (path: readonly PropertyKey[]): string => place(name, lines, offsetOf(document, path));
  return { name, content: validate(expand(document, name), document, locate), locate };
}

interface Fault {
  readonly pos: readonly [number, ...number[]];
  readonly message: string;
}

/** The first key that a map has twice. */
function repeatedKey(document: Document.Parsed): Fault | undefined {
  const faults: Fault[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          faults.push({ pos: [key.range?.[0] ?? 0], message: 'Map keys must be unique' });
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return faults[0];
}

function expand(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    throw new RuleError('RULE_YAML', `${name}: aliases cannot be resolved`, { cause });
  }
}

function validate(value: unknown, document: Document.Parsed, locate: LoadedFile['locate']): RuleFile {
  const result = RULE_FILE.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A mistyped key is also a missing one; the mistake is what helps.
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) {
    const key = unknown.keys[0] ?? '';
    const meant = nearest(key, keysAt(unknown.path));
    const hint = meant === null ? '' : `; did you mean "${meant}"?`;
    throw new RuleError('RULE_SHAPE', `${locate([...unknown.path, key])}: unknown key "${key.slice(0, 64)}"${hint}`);
  }
  const [issue] = issues;
  if (issue === undefined) throw new RuleError('RULE_SHAPE', `${locate([])}: not a rule file`);
  if (issue.path.length === 0)
    throw new RuleError('RULE_SHAPE', `${locate([])}: this is no rule file`, {
      mend: 'A rule file has `provider` and `rules` (docs/RULES.md); `unleak rules test --explain FILE` looks at any text.',
    });
  const where = issue.path.map(String).join('.');
  // A key that is absent has no place of its own: point at what lacks it.
  const path = document.hasIn(issue.path) ? issue.path : issue.path.slice(0, -1);
  throw new RuleError('RULE_SHAPE', `${locate(path)}: ${where}: ${describe(issue)}`);
}

/** zod/mini carries no sentences of its own. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be a value of type ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `is too small or too short; the least is ${issue.minimum}`;
    case 'too_big':
      return `is too large or too long; the most is ${issue.maximum}`;
    case 'invalid_union':
      return 'does not have one of the forms allowed here';
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'custom':
      return issue.message;
  }
}

/** Start of the key if the path ends in one, else of the value. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  const parent = path.length === 0 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent) && typeof last === 'string') {
    const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === last);
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function place(name: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

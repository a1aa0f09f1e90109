import type { BlobFinding, BlobPart } from '../../core/detector.ts';
import type { Rule } from '../../core/rule.ts';
import { openArchive } from '../../detect/archive/open.ts';
import { shannonEntropy } from '../../detect/checks/entropy.ts';
import { createEngine } from '../../detect/engine.ts';
import type { Rejection } from '../../detect/item.ts';
import { linearRegex } from '../../detect/linear-regex.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import { readNamed } from '../../session/read-given.ts';
import { redact } from '../../triage/redact.ts';
import { Ablation, quoted } from './explain-why.ts';
import { readAll } from '../read-all.ts';
import type { Streams } from '../streams.ts';

const MOST = 16 * 1024 * 1024;

/** What one rule came to in a text, in the order of the text. */
interface Remark {
  readonly at: number;
  readonly text: string;
}

/**
 * Says of each candidate in a text what the rules decided and why, without showing any of it but what a report may.
 *
 * @param named - the text's file, or `-` for standard input
 * @param all - whether rules of which nothing stands there are named too
 * @throws UsageError
 */
export async function explain(named: string, rules: readonly Rule[], all: boolean, streams: Streams): Promise<void> {
  const bytes = named === '-' ? Buffer.from(await readAll(streams.stdin)) : readNamed(named, MOST);
  const rejections: Rejection[] = [];
  const engine = createEngine(rules, { openArchive, linearRegex, onRejection: (one) => rejections.push(one) });
  const { findings, loose, problems } = engine.scan(bytes);
  const lineOf = lines(bytes);
  const text = Buffer.from(bytes).toString('latin1').toLowerCase();
  const ablation = new Ablation(bytes, rules);
  const lost = rules
    .filter((rule) => rule.role === 'secret' && literalsIn(rule, text).length > 0)
    .flatMap((rule) => ablation.lost(rule, findings).map(({ span, why }) => ({ rule, span, why })));
  const remarks = [
    ...findings.map((finding) => foundRemark(finding, ablation.reasons(finding), lineOf)),
    ...lost.map(({ rule, span, why }) => ({ at: span.start, text: `${lineOf(span.start)}: ${rule.id}: ${why}` })),
    ...[...findings.flatMap(({ parts }) => parts), ...loose].map((part) => partRemark(part, lineOf)),
    ...rejections.map((rejection) => rejectedRemark(rejection, lineOf)),
  ].toSorted((a, b) => a.at - b.at);
  for (const line of new Set(remarks.map((remark) => remark.text))) streams.out.write(`${terminalText(line)}\n`);
  const decided = new Set(
    [...findings, ...loose, ...rejections, ...lost, ...findings.flatMap(({ parts }) => parts)].map(
      ({ rule }) => rule.id,
    ),
  );
  for (const rule of rules) if (!decided.has(rule.id)) sayNothing(rule, text, all, streams);
  for (const { code, message } of problems) streams.out.write(`${terminalText(`${code}: ${message}`)}\n`);
}

function foundRemark(
  { rule, span, secret, confidence, decoded, parts, allowedBy }: BlobFinding,
  reasons: string,
  lineOf: LineOf,
): Remark {
  const through = decoded.length === 0 ? '' : `, written in ${decoded.join(' in ')}`;
  const paired = parts.length === 0 ? '' : `, with ${parts.map((part) => part.rule.id).join(', ')}`;
  const absent = rule.parts.filter((spec) => !parts.some((part) => part.rule.id === spec.rule));
  const alone = absent.length === 0 ? '' : `, without ${absent.map((spec) => spec.rule).join(', ')}`;
  const allowed = allowedBy === null ? '' : `, allowed by ${allowedBy}`;
  const bits = shannonEntropy(secret.reveal()).toFixed(2);
  const text = `${lineOf(span.start)}: ${rule.id}: found ${redact(secret).redacted}, ${confidence} confidence, entropy ${bits}${reasons}${through}${paired}${alone}${allowed}`;
  return { at: span.start, text };
}

function partRemark({ rule, span, secret }: BlobPart, lineOf: LineOf): Remark {
  return { at: span.start, text: `${lineOf(span.start)}: ${rule.id}: ${rule.role} ${redact(secret).redacted}` };
}

function rejectedRemark({ rule, span, reason }: Rejection, lineOf: LineOf): Remark {
  return { at: span.start, text: `${lineOf(span.start)}: ${rule.id}: turned down: ${reason}` };
}

/** Why a rule has nothing to say: its literals are not there, or nothing around them has its form. */
function sayNothing(rule: Rule, text: string, all: boolean, { out }: Streams): void {
  const there = literalsIn(rule, text);
  if (there.length > 0) {
    out.write(
      `${terminalText(`${rule.id}: ${quoted(there)} stands there, and nothing at it has the form of this rule`)}\n`,
    );
  } else if (all) {
    const literals = rule.matchers.flatMap((matcher) => matcher.literals);
    out.write(`${terminalText(`${rule.id}: none of its literals stands there: ${quoted([...new Set(literals)])}`)}\n`);
  }
}

/** @param text - in lower case */
function literalsIn({ matchers }: Rule, text: string): string[] {
  const literals = new Set(matchers.flatMap((matcher) => matcher.literals));
  return [...literals].filter((literal) => text.includes(literal.toLowerCase()));
}

type LineOf = (offset: number) => string;

function lines(bytes: Uint8Array): LineOf {
  return (offset) => {
    let line = 1;
    for (let at = bytes.indexOf(10); at >= 0 && at < offset; at = bytes.indexOf(10, at + 1)) line++;
    return `line ${line}`;
  };
}

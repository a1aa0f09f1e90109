/** A step's facts as titled lists of lines, the same in every rendering. */
import { plainWord } from '../../http/redact.ts';
import { textAt, valueAt } from '../../providers/path.ts';
import type { StepEvidence } from './model.ts';

export interface FactBlock {
  readonly title: string;
  readonly lines: readonly string[];
  /** Shown in a fixed-width font, to be copied. */
  readonly code?: true;
}

const LONGEST = 400;

function list(facts: unknown, path: string): readonly unknown[] {
  const value = valueAt(facts, path);
  return Array.isArray(value) ? value : [];
}

function texts(facts: unknown, path: string): string[] {
  return list(facts, path).flatMap((item) => (typeof item === 'string' ? [item] : []));
}

function figures(facts: unknown): string[] {
  const from = textAt(facts, 'from');
  if (from === null) return [];
  const known = textAt(facts, 'windowKnown') === 'true' ? '' : ' (assumed: when it got out is not known)';
  return [
    `Window: ${from} to ${textAt(facts, 'to') ?? '?'}${known}`,
    `Messages: ${textAt(facts, 'messages') ?? '?'}, and ${textAt(facts, 'baselineMessages') ?? '?'} in the baseline since ${textAt(facts, 'baselineFrom') ?? '?'}`,
    `Source: ${textAt(facts, 'source') ?? '?'}; ${textAt(facts, 'ours') ?? '0'} requests of this tool left out`,
  ];
}

function signs(facts: unknown): string[] {
  return list(facts, 'signs').map(
    (sign) => `${textAt(sign, 'says') ?? ''} (compared with: ${textAt(sign, 'baseline') ?? ''})`,
  );
}

function assessed(facts: unknown): string[] {
  return list(facts, 'items').flatMap((item) => {
    const found = texts(item, 'items');
    const state = textAt(item, 'state') ?? '';
    const looked =
      state === 'listed' ? (found.length === 0 ? 'looked: nothing there' : `looked: ${found.length} there`) : state;
    const outlives = textAt(item, 'outlives') === 'true' ? ', outlives the key' : '';
    const head = `${textAt(item, 'what') ?? ''} [${looked}${outlives}]`;
    const guide = textAt(item, 'guide');
    return [head, ...found.map((line) => `  ${line}`), ...(guide === null ? [] : [`  → ${guide}`])];
  });
}

function places(facts: unknown): string[] {
  return list(facts, 'places').map((place) => {
    const where = `${textAt(place, 'path') ?? textAt(place, 'kind') ?? '?'}${textAt(place, 'line') === null ? '' : `:${textAt(place, 'line')}`}`;
    const commit = textAt(place, 'commit');
    const refs = texts(place, 'refs');
    return `${where}${commit === null ? '' : ` in ${commit.slice(0, 12)}`}${refs.length > 0 ? ` (${refs.slice(0, 5).join(', ')})` : ''}`;
  });
}

function singles(facts: unknown): string[] {
  const names = {
    draft: 'Draft',
    link: 'Link',
    label: 'New key',
    handedTo: 'Handed over to',
    proof: 'Proof',
    confirmedAt: 'Confirmed at',
    mend: 'What helps',
    afterwards: 'When done',
  };
  return Object.entries(names).flatMap(([name, title]) => {
    const text = textAt(facts, name);
    return text === null ? [] : [`${title}: ${text}`];
  });
}

/** Blocks worth showing; empty ones are left out. Everything is made safe for one line. */
export function factBlocks(step: StepEvidence): readonly FactBlock[] {
  const { facts } = step;
  const blocks: FactBlock[] = [
    { title: 'Facts', lines: [...singles(facts), ...figures(facts)] },
    { title: 'What to do', lines: texts(facts, 'steps') },
    { title: 'Warning signs', lines: signs(facts) },
    { title: 'What could not be seen', lines: texts(facts, 'blind') },
    { title: 'What it could have made or changed', lines: assessed(facts) },
    { title: 'Places that hold the value', lines: places(facts) },
    { title: 'Commands', lines: texts(facts, 'commands'), code: true },
    { title: 'Checklist', lines: texts(facts, 'checklist') },
  ];
  return blocks
    .filter(({ lines }) => lines.length > 0)
    .map((block) => ({ ...block, lines: block.lines.map((line) => indentKept(line)) }));
}

function indentKept(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + plainWord(line, LONGEST);
}

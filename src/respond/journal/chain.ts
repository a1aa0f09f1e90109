import { createHash } from 'node:crypto';

import { RespondError } from '../../errors/respond.ts';
import { parseJson } from '../../http/body.ts';
import type { Entry, Recorded } from './entry.ts';

const GENESIS = '0'.repeat(64);
const TYPES = new Set<string>([
  'opened',
  'planned',
  'approved',
  'probe',
  'verdict',
  'listed',
  'intent',
  'result',
  'step',
  'resumed',
  'taken-over',
  'closed',
] satisfies Entry['type'][]);

function hashOf(unsigned: object): string {
  return createHash('sha256').update(JSON.stringify(unsigned)).digest('hex');
}

/** An entry linked to the line before it. The hash covers everything else of the line, in the order written. */
export function link(entry: Entry, last: Recorded | null, now: Date): Recorded {
  const unsigned = {
    seq: last === null ? 1 : last.seq + 1,
    at: now.toISOString(),
    prev: last?.hash ?? GENESIS,
    ...entry,
  };
  return { ...unsigned, hash: hashOf(unsigned) };
}

function isRecorded(value: unknown): value is Recorded {
  return (
    typeof value === 'object' &&
    value !== null &&
    'hash' in value &&
    typeof value.hash === 'string' &&
    'seq' in value &&
    typeof value.seq === 'number' &&
    'type' in value &&
    typeof value.type === 'string' &&
    TYPES.has(value.type)
  );
}

function damaged(line: number, why: string): RespondError {
  return new RespondError('JOURNAL_DAMAGED', `Line ${line} of the journal ${why}`, { facts: { line } });
}

function checkLine(text: string, line: number, last: Recorded | null): Recorded {
  const value = parseJson(text);
  if (!isRecorded(value)) throw damaged(line, 'is no entry');
  const { hash, ...unsigned } = value;
  if (hashOf(unsigned) !== hash) throw damaged(line, 'was changed');
  if (value.prev !== (last?.hash ?? GENESIS) || value.seq !== line)
    throw damaged(line, 'does not follow the one before');
  return value;
}

/**
 * Reads a journal and checks every link.
 *
 * @returns the entries, and the bytes they take: what follows is a line that a
 * crash cut short. It was never acknowledged, so it never happened.
 * @throws RespondError `JOURNAL_DAMAGED`
 */
export function readChain(text: string): { entries: readonly Recorded[]; length: number } {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries: Recorded[] = [];
  for (const [index, line] of whole.split('\n').slice(0, -1).entries())
    entries.push(checkLine(line, index + 1, entries.at(-1) ?? null));
  return { entries, length: Buffer.byteLength(whole) };
}

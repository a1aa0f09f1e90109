import type { Readable } from 'node:stream';

import { fromHex } from './object-id.ts';
import { ObjectTable } from './object-table.ts';
import { typeCode } from './object/type.ts';
import type { Repository } from './repository.ts';
import { spawnGit } from './spawn.ts';

export interface ObjectListing {
  /** In pack order, so that reading them in this order is cheap. */
  readonly table: ObjectTable;
  /** Positions whose type git could not tell, or that only the sorted listing has. */
  readonly untyped: readonly number[];
}

export interface ListOptions {
  readonly signal: AbortSignal;
  /** Hears what git printed on standard error, a line at a time. */
  readonly onMessage: (line: string) => void;
}

const ALL = ['cat-file', '--batch-all-objects', '--buffer'];

/**
 * Lists every object of the store, unreachable ones and alternates included.
 *
 * Asked twice, at the same time: in pack order with types, and sorted with ids
 * alone. The first stops at a damaged pack and trusts the reverse index; the
 * second opens no pack, so what the first left out is known.
 */
export async function listObjects(repository: Repository, options: ListOptions): Promise<ObjectListing> {
  const table = new ObjectTable(repository.idLength);
  const id = new Uint8Array(table.idBytes);
  const untyped = new Set<number>();
  const sorted = collectIds(repository, options);
  // If the other fails first, nobody hears of this one.
  sorted.catch(() => undefined);
  await eachLine(repository, [...ALL, '--unordered', '--batch-check'], options, (line) => {
    if (!fromHex(line, 0, id, 0, table.idBytes)) return;
    const [word = '', size = ''] = line.toString('latin1', table.idLength + 1).split(' ');
    const type = typeCode(word);
    const position = table.add(id, 0, type, Number(size));
    if (type === undefined) untyped.add(position);
  });
  const ids = await sorted;
  for (let at = 0; at < ids.length; at += table.idBytes) {
    if (table.find(ids, at) < 0) untyped.add(table.add(ids, at));
  }
  return { table, untyped: [...untyped] };
}

/** Raw ids, one after the other. */
async function collectIds(repository: Repository, options: ListOptions): Promise<Uint8Array> {
  const idBytes = repository.idLength / 2;
  const lines = repository.idLength + 1;
  let ids = new Uint8Array(idBytes * 1024);
  let length = 0;
  await eachLine(repository, [...ALL, '--batch-check=%(objectname)'], options, (line) => {
    if (line.length + 1 !== lines) return;
    if (length === ids.length) {
      const larger = new Uint8Array(2 * ids.length);
      larger.set(ids);
      ids = larger;
    }
    if (fromHex(line, 0, ids, length, idBytes)) length += idBytes;
  });
  return ids.subarray(0, length);
}

async function eachLine(
  repository: Repository,
  args: readonly string[],
  options: ListOptions,
  take: (line: Buffer) => void,
): Promise<void> {
  const git = spawnGit(repository.invocation, args, options.signal);
  git.stdin.end();
  await readLines(git.stdout, take);
  const exit = await git.exit;
  options.signal.throwIfAborted();
  for (const line of exit.stderr.split('\n')) if (line !== '') options.onMessage(line);
  if (exit.code !== 0 && exit.stderr === '') options.onMessage(`fatal: listing ended with code ${exit.code ?? -1}`);
}

const NEWLINE = 10;

/** Calls back for each line; the bytes are valid only meanwhile. */
async function readLines(stream: Readable, take: (line: Buffer) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      take(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}

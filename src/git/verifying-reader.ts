import { createHash } from 'node:crypto';

import type { ByteStream } from '../core/blob.ts';
import type { BatchItem } from './cat-file.ts';
import type { ObjectReader } from './object-reader.ts';
import type { ObjectTable } from './object-table.ts';
import type { HashFormat } from './pack/hash-format.ts';

/**
 * A reader that computes the id of everything it reads: git itself believes
 * its indexes. What has another id than it is stored under counts as unreadable.
 *
 * @param mismatched - told the id of a streamed object whose content, already handed out, was not its own
 */
export function verifyingReader(
  reader: ObjectReader,
  table: ObjectTable,
  { name }: HashFormat,
  mismatched: (id: string) => void,
): ObjectReader {
  const checked = (item: BatchItem, id: string): BatchItem => {
    if (item.kind === 'absent') return item;
    const hash = createHash(name).update(`${item.type} ${item.size}\0`, 'latin1');
    if (!(item.content instanceof Uint8Array))
      return {
        ...item,
        content: hashed(
          item.content,
          (chunk) => hash.update(chunk),
          () => {
            if (hash.digest('hex') !== id) mismatched(id);
          },
        ),
      };
    return hash.update(item.content).digest('hex') === id ? item : { kind: 'absent', at: item.at, why: 'unreadable' };
  };
  return {
    async *read(positions, signal) {
      for await (const items of reader.read(positions, signal))
        yield items.map((item) => checked(item, table.hex(positions[item.at] ?? 0)));
    },
  };
}

function hashed({ chunks, ...rest }: ByteStream, each: (chunk: Uint8Array) => void, end: () => void): ByteStream {
  return {
    ...rest,
    chunks: (async function* tapped() {
      for await (const chunk of chunks) {
        each(chunk);
        yield chunk;
      }
      end();
    })(),
  };
}

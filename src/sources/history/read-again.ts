import type { ByteStream } from '../../core/blob.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import { isScanError } from '../../errors/base.ts';
import type { ObjectPipe } from '../../git/object-pipe.ts';
import { messageText } from '../../git/object/message.ts';
import type { StoredObject } from '../../git/pack/loose.ts';
import { ENTRY_NAME, REF_NAME } from './names.ts';
import type { HistoryState } from './state.ts';
import { report } from './store.ts';

/** Above this, content comes as a stream. */
const HELD_BYTES = 32 * 1024 * 1024;

/** Content of a blob by the id it was yielded under, as it was yielded. */
export async function readAgain(
  state: HistoryState | null,
  pipe: ObjectPipe,
  coverage: CoverageLog,
  id: string,
  signal: AbortSignal,
): Promise<Uint8Array | ByteStream | null> {
  if (state === null) return null;
  const { store, trees } = state;
  if (id.startsWith(ENTRY_NAME)) return trees.names.get(Number(id.slice(ENTRY_NAME.length))) ?? null;
  if (id.startsWith(REF_NAME)) {
    const ref = store.refs[Number(id.slice(REF_NAME.length))];
    return ref === undefined ? null : Buffer.from(ref.name, 'latin1');
  }
  const position = store.table.findHex(id);
  if (position < 0) return null;
  const size = store.table.size(position);
  if (size > HELD_BYTES) return { size, chunks: streamObject(store, position, signal) };
  const packed = fromPacks(store, id);
  if (packed === 'too-large') return { chunks: streamObject(store, position, signal) };
  const object = packed ?? (await pipe.get(id, signal));
  if (object === null) {
    report(coverage, 'GIT_OBJECT_MISSING', `Object ${id} was here during the scan and is not any more`);
    return null;
  }
  return object.type === 'commit' || object.type === 'tag' ? messageText(object.bytes) : object.bytes;
}

/** Null where packs are not read by us, or this object could not be. Its size is not known before it is read. */
function fromPacks({ readId }: HistoryState['store'], id: string): StoredObject | 'too-large' | null {
  try {
    return readId?.(id) ?? null;
  } catch (error) {
    if (!isScanError(error)) throw error;
    return error.code === 'PACK_OBJECT_TOO_LARGE' ? 'too-large' : null;
  }
}

async function* streamObject(
  store: HistoryState['store'],
  position: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const items of store.reader.read(Uint32Array.of(position), signal)) {
    for (const item of items) {
      if (item.kind !== 'object') continue;
      if (item.content instanceof Uint8Array) yield item.content;
      else yield* item.content.chunks;
    }
  }
}

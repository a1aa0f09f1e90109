/** Blobs as `git add` leaves them, for the hook: they are read before git would have started. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';

import { LOOSE_WASM_BASE64 } from './loose-wasm.generated.ts';

/**
 * Where a repository keeps its loose objects; null where there is no telling without git.
 *
 * @param gitDir - of the work tree; a linked one's names the one that has the objects
 */
export function looseDirectory(gitDir: string, environment: NodeJS.ProcessEnv): string | null {
  if (environment['GIT_OBJECT_DIRECTORY'] !== undefined || environment['GIT_COMMON_DIR'] !== undefined) return null;
  const shared = path.join(gitDir, 'commondir');
  const common = existsSync(shared) ? path.resolve(gitDir, readFileSync(shared, 'utf8').trimEnd()) : gitDir;
  return path.join(common, 'objects');
}

/** What `wasm/loose.ts` exports. */
interface LooseExports {
  readonly memory: WebAssembly.Memory;
  init(context: number): void;
  looseBlob(from: number, end: number, to: number, room: number): bigint;
}

/** Where the module's tables, a file, and what it inflates to lie. */
const TABLES_AT = 4096;
const FILE_AT = TABLES_AT + 65_536;
const MOST_COMPRESSED = 256 * 1024;
/** Bytes beside file and blob that reading and writing may touch. */
const SLACK = 64;
const BLOB_AT = FILE_AT + MOST_COMPRESSED + SLACK;
/** Most bytes of a blob with its header; larger ones are for git. */
const MOST = 2 * 1024 * 1024;
const PAGE = 65_536;

/** The blobs in one directory of loose objects. */
export class LooseBlobs {
  readonly #directory: string;
  #kernel: LooseExports | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * @param id - in hexadecimal
   * @returns null for whatever is not there, is large, or is not as it should be: git is to say
   */
  read(id: string): Uint8Array | null {
    let file: number;
    try {
      file = openSync(path.join(this.#directory, id.slice(0, 2), id.slice(2)), 'r');
    } catch {
      return null;
    }
    try {
      return this.#inflated(file);
    } finally {
      closeSync(file);
    }
  }

  #inflated(file: number): Uint8Array | null {
    const kernel = (this.#kernel ??= instantiate());
    const { memory } = kernel;
    const length = readSync(file, new Uint8Array(memory.buffer, FILE_AT, MOST_COMPRESSED));
    if (length === MOST_COMPRESSED) return null;
    const place = kernel.looseBlob(FILE_AT, FILE_AT + length, BLOB_AT, MOST);
    if (place === 0n) return null;
    const start = BLOB_AT + Number(place & 0xffn);
    return new Uint8Array(memory.buffer.slice(start, start + Number(place >> 32n)));
  }
}

function instantiate(): LooseExports {
  const module = new WebAssembly.Module(new Uint8Array(Buffer.from(LOOSE_WASM_BASE64, 'base64')));
  const { exports } = new WebAssembly.Instance(module, {});
  if (!isLooseExports(exports)) throw new TypeError('the reader of loose objects is not what was built');
  const missing = BLOB_AT + MOST + SLACK - exports.memory.buffer.byteLength;
  if (missing > 0) exports.memory.grow(Math.ceil(missing / PAGE));
  exports.init(TABLES_AT);
  return exports;
}

function isLooseExports(exports: unknown): exports is LooseExports {
  return typeof exports === 'object' && exports !== null && 'memory' in exports && 'looseBlob' in exports;
}

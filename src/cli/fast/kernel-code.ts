/**
 * The machine code of the kernel and of the quick search, kept between runs. V8 begins with a quickly made form of WebAssembly and makes each function
 * good while it runs, anew in every process. It can write and read what it has made, and whoever then asks it to
 * compile a module of the same bytes is given that; but offers this to its own tests alone, as functions with a `%`.
 * So it is the build that writes it, and no user's process.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';

/** Releases of Node whose engine was tried: another one may have changed what these functions expect. */
const TRIED: ReadonlySet<string> = new Set(['20', '22', '24']);

const MAGIC = Buffer.from('ulw1');
const DIGEST = 'sha256';
const DIGEST_BYTES = 32;
/** The mark, the length of the module's bytes, the digest of all that follows: these bytes, then the code. */
const HEADER = MAGIC.length + 4 + DIGEST_BYTES;

/** What calls a function of the engine's own with the arguments that it is given; null if there is none of that name. */
function ofEngine(name: string, parameters: string): ((...given: readonly unknown[]) => unknown) | null {
  if (!TRIED.has(process.versions.node.split('.')[0] ?? '')) return null;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  // What was compiled under other settings is refused: so for no longer than needed.
  setFlagsFromString('--allow-natives-syntax');
  try {
    // In parentheses it is compiled at once.
    return new Script(`(function (${parameters}) { return %${name}(${parameters}) })`).runInThisContext();
  } catch {
    return null;
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

/**
 * What the engine has made of a module, as a file holds it. Only for a process that may come to grief: if it has made nothing good yet, it ends it.
 *
 * @returns null where that cannot be done
 */
export function kernelCode(module: WebAssembly.Module, bytes: Uint8Array): Buffer | null {
  const code = ofEngine('SerializeWasmModule', 'module')?.(module);
  if (!(code instanceof ArrayBuffer)) return null;
  const content = Buffer.concat([bytes, Buffer.from(code)]);
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(bytes.length, MAGIC.length);
  digestOf(content).copy(header, HEADER - DIGEST_BYTES);
  return Buffer.concat([header, content]);
}

/** The engine knows a module as long as somebody has it. */
const known: WebAssembly.Module[] = [];

/**
 * Has the engine know the code in a file, if there is one.
 *
 * @returns false if it is none that the engine takes: then the kernel is compiled as ever
 */
export function knowKernel(file: string): boolean {
  try {
    if (!existsSync(file)) return false;
    const all = readFileSync(file);
    const content = all.subarray(HEADER);
    const length = all.readUInt32LE(MAGIC.length);
    // The engine does not look whether it is whole.
    if (!all.subarray(0, MAGIC.length).equals(MAGIC) || length > content.length) return false;
    if (!digestOf(content).equals(all.subarray(HEADER - DIGEST_BYTES, HEADER))) return false;
    const deserialize = ofEngine('DeserializeWasmModule', 'code, bytes');
    const bytes = new Uint8Array(content.subarray(0, length));
    const module = deserialize?.(new Uint8Array(content.subarray(length)).buffer, bytes);
    // Code of another release, for another processor or under other settings it refuses.
    if (!(module instanceof WebAssembly.Module)) return false;
    known.push(module);
    return true;
  } catch {
    return false;
  }
}

function digestOf(content: Uint8Array): Buffer {
  // Loading it takes time that a hook does not have.
  return process.getBuiltinModule('node:crypto').createHash(DIGEST).update(content).digest();
}

import { setFlagsFromString } from 'node:v8';

const SETTINGS = ['liftoff', 'wasm-lazy-compilation', 'wasm-dynamic-tiering'];

/** Compiles a module as well as the engine can, all of it, at once. Whoever compiles the same bytes in this process while somebody has it is given the same code. */
export function compileWell(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  for (const setting of SETTINGS) setFlagsFromString(`--no-${setting}`);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    for (const setting of SETTINGS) setFlagsFromString(`--${setting}`);
  }
}

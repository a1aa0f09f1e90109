/**
 * Node's own starter of processes that end before anything else goes on, without
 * `node:child_process` around it: that module loads streams and sockets, which
 * takes longer than git does. Not part of Node's documented interface, so whatever
 * is not as it was in the releases that were tried is left to the module.
 */

export interface RawRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input: Uint8Array;
  /** Bytes of output taken before giving up. */
  readonly maxOutput: number;
}

export interface RawOutput {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Newest release of Node that this was tried with. */
const NEWEST_TRIED = 24;

/** Runs a program to its end. Null if that cannot be done here, or did not go well: ask `node:child_process`. */
export function runRaw({ file, args, cwd, environment, input, maxOutput }: RawRun): RawOutput | null {
  const spawn = binding();
  if (spawn === null) return null;
  try {
    const result: unknown = spawn({
      file,
      args: [file, ...args],
      cwd,
      envPairs: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      maxBuffer: maxOutput,
      stdio: [
        { type: 'pipe', readable: true, writable: false, input },
        { type: 'pipe', readable: false, writable: true },
        { type: 'pipe', readable: false, writable: true },
      ],
    });
    return outputOf(result);
  } catch {
    return null;
  }
}

type RawSpawn = (options: object) => unknown;

function binding(): RawSpawn | null {
  // Windows needs more than this: shells, quoting, hidden windows.
  if (process.platform === 'win32' || Number.parseInt(process.versions.node, 10) > NEWEST_TRIED) return null;
  const { noDeprecation } = process;
  try {
    const open: unknown = Reflect.get(process, 'binding');
    if (typeof open !== 'function') return null;
    // Whoever asks node for warnings means those about their own code.
    Reflect.set(process, 'noDeprecation', true);
    const found: unknown = open.call(process, 'spawn_sync');
    const spawn: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, 'spawn') : undefined;
    return typeof spawn === 'function' ? (options) => spawn.call(found, options) : null;
  } catch {
    return null;
  } finally {
    Reflect.set(process, 'noDeprecation', noDeprecation);
  }
}

/** Null for everything but a program that ran and ended by itself. */
function outputOf(result: unknown): RawOutput | null {
  if (typeof result !== 'object' || result === null || 'error' in result) return null;
  const status: unknown = Reflect.get(result, 'status');
  const output: unknown = Reflect.get(result, 'output');
  if (typeof status !== 'number' || !Array.isArray(output)) return null;
  const [, stdout, stderr]: unknown[] = output;
  return Buffer.isBuffer(stdout) && Buffer.isBuffer(stderr) ? { status, stdout, stderr } : null;
}

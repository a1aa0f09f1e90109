import { type ErrorNotes, ScanError } from './base.ts';

/** Ways the WebAssembly kernel can be out of use. Codes are API: add freely, never rename. */
export type KernelErrorCode = 'KERNEL_UNAVAILABLE' | 'KERNEL_MEMORY' | 'KERNEL_LITERAL_INVALID';

export const KERNEL_MENDS: Record<KernelErrorCode, string> = {
  KERNEL_UNAVAILABLE:
    'Use a Node.js with WebAssembly SIMD; without it the slower TypeScript implementation does the work.',
  KERNEL_MEMORY: 'Give the process more memory or address space (see `ulimit -v`), or scan with fewer jobs.',
  KERNEL_LITERAL_INVALID: 'A literal has 1 to 256 bytes; correct the rule it comes from.',
};

export class KernelError extends ScanError {
  override readonly name = 'KernelError';
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: KERNEL_MENDS[code], ...notes });
    this.code = code;
  }
}

// Starts the thread that scans files from its TypeScript source.
import { register } from 'tsx/esm/api';

register();
await import('../../src/workers/file-worker.ts');

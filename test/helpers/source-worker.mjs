// Starts the worker of a stored scan from its TypeScript source.
import { register } from 'tsx/esm/api';

register();
await import('../../src/workers/share-worker.ts');

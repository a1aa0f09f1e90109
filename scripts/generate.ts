/** Writes every generated file that is committed: rules, schemas and documentation. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const GENERATORS = [
  'generate-rules.ts',
  'build-wasm.ts',
  'build-quick-wasm.ts',
  'generate-cli-docs.ts',
  'generate-provider-docs.ts',
  'generate-credential-docs.ts',
  'generate-error-docs.ts',
  'generate-schemas.ts',
  'generate-action-docs.ts',
];

const tsx = fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url));
for (const name of GENERATORS) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  if (!existsSync(script)) continue;
  const { status } = spawnSync(process.execPath, [tsx, script], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name} failed`);
}

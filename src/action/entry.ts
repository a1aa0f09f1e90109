import { cleanUp, isCleaningUp, runAction } from './main.ts';
import { createRunner } from './runner.ts';

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());

const runner = createRunner(process.env, (text) => process.stdout.write(text));

if (isCleaningUp(runner)) cleanUp(runner);
else {
  // Red until it is known better: an interruption is no verdict.
  process.exitCode = 1;
  if (await runAction(runner, controller.signal)) process.exitCode = 0;
}

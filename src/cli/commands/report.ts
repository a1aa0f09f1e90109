import { readFileSync } from 'node:fs';

import { UsageError } from '../../errors/usage.ts';
import { readReport } from '../../report/read.ts';
import { BUILTIN_RULES } from '../../rules/builtin.generated.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { deliveryFor } from '../session/delivery.ts';
import { present } from '../session/present.ts';
import type { Invocation } from './command.ts';

/** `unleak report <findings.json>` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const file = invocation.positionals[0] ?? '';
  const delivery = deliveryFor(invocation.options, invocation.streams);
  const rules = new Map(BUILTIN_RULES.map((rule) => [rule.id, rule]));
  await present(readReport(readStored(file)), 'summary', delivery, invocation, (id) => rules.get(id));
  return EXIT.clean;
}

function readStored(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UsageError('USAGE_NO_SUCH_PATH', `${file} cannot be read`, { cause });
  }
}

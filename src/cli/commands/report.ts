import { readReport } from '../../report/read.ts';
import { BUILTIN_RULES } from '../../rules/builtin.generated.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { deliveryFor } from '../session/delivery.ts';
import { REPORT_MOST, readNamed } from '../../session/read-given.ts';
import { present } from '../session/present.ts';
import type { Invocation } from './command.ts';

/** `unleak report <findings.json>` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const file = invocation.positionals[0] ?? '';
  const delivery = deliveryFor(invocation.options, invocation.streams);
  const rules = new Map(BUILTIN_RULES.map((rule) => [rule.id, rule]));
  await present(readReport(readNamed(file, REPORT_MOST)), 'summary', delivery, invocation, (id) => rules.get(id));
  return EXIT.clean;
}

import { BUILTIN_RULES } from '../../rules/builtin.generated.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { chosenFindings, openContext, repositoryOf, storedReport } from '../respond/context.ts';
import { freshReport } from '../respond/fresh.ts';
import { locatorFor, rulesFor } from '../respond/locator-for.ts';
import { withVerdicts } from '../respond/verdicts.ts';
import { deliveryFor } from '../session/delivery.ts';
import { present } from '../session/present.ts';
import type { Invocation } from './command.ts';

/** `unleak verify [report]` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const delivery = deliveryFor(invocation.options, invocation.streams);
  const context = openContext(invocation);
  const repository = await repositoryOf(invocation);
  const [file] = invocation.positionals;
  const report = file === undefined ? await freshReport(invocation, repository) : storedReport(file);
  const chosen = chosenFindings(invocation, report);
  const rules = await rulesFor(invocation);
  const locator = await locatorFor(invocation, repository, rules, null);
  const verified = await withVerdicts(context, report, chosen, rules, locator);
  const byId = new Map([...BUILTIN_RULES, ...rules].map((rule) => [rule.id, rule]));
  await present(verified, 'summary', delivery, invocation, (id) => byId.get(id));
  // Only a dead key lets a run pass: what was never seen live may be a live key cut short.
  const open = verified.findings.some(
    ({ suppressed, verification }) => suppressed === null && verification?.status !== 'dead',
  );
  if (open) return EXIT.found;
  return verified.coverage.complete ? EXIT.clean : EXIT.incomplete;
}

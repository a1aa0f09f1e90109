/**
 * Recall of every built-in rule on random keys: each of its examples expanded many times.
 *
 *     npx tsx bench/rules-recall.ts [samples an example, default 1000] [rule…]
 *
 * Expected: at least 99 % of each example. A key counts as found if the rule that the example belongs to reports it. Rules
 * that find what is no secret by itself (ids, user names) report nothing and are left out.
 */
import { createEngine } from '../src/detect/engine.ts';
import { BUILTIN_SAMPLES } from '../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';
import { seedOf, seededRandom } from '../src/rules/random.ts';
import { expandTemplate } from '../src/rules/template.ts';

const LEAST = 0.99;
const [first = '1000', ...only] = process.argv.slice(2);
const count = Number(first);
const engine = createEngine(BUILTIN_RULES);
const secrets = new Set(BUILTIN_RULES.flatMap(({ id, role }) => (role === 'secret' ? [id] : [])));

let [examples, low] = [0, 0];
for (const { rule, examples: templates } of BUILTIN_SAMPLES) {
  if (!secrets.has(rule) || (only.length > 0 && !only.includes(rule))) continue;
  for (const [index, template] of templates.entries()) {
    const random = seededRandom(seedOf(`${rule} ${index}`));
    let found = 0;
    for (let n = 0; n < count; n++) {
      const { text } = expandTemplate(template, random, rule);
      if (engine.scan(Buffer.from(text)).findings.some((finding) => finding.rule.id === rule)) found++;
    }
    examples++;
    if (found >= count * LEAST) continue;
    low++;
    console.log(`${rule}, example ${index + 1}: ${((100 * found) / count).toFixed(1)} %`);
  }
}
console.log(`${examples} examples, ${count} keys each: ${low} below ${100 * LEAST} %`);
process.exitCode = low === 0 && examples > 0 ? 0 : 1;

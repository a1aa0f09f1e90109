/** Compiles rules/*.yaml into src/rules/builtin.generated.ts, so that a scan reads no YAML, and writes docs/rule.schema.json. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { compileRules } from '../src/rules/compile.ts';
import { ruleFileJsonSchema } from '../src/rules/json-schema.ts';
import { loadRuleFile } from '../src/rules/load.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const files = readdirSync(path.join(root, 'rules'))
  .filter((name) => name.endsWith('.yaml'))
  .toSorted()
  .map((name) => loadRuleFile(readFileSync(path.join(root, 'rules', name), 'utf8'), `rules/${name}`));

const rules = compileRules(files);
const digest = createHash('sha256').update(JSON.stringify(rules)).digest('hex');
const messaging = files
  .filter(({ content }) => content.sets?.includes('messaging'))
  .map(({ content }) => content.provider);
const samples = files.flatMap(({ name, content }) =>
  content.rules.map(({ id, examples, counterexamples }) => ({ file: name, rule: id, examples, counterexamples })),
);

write(
  'src/rules/builtin.generated.ts',
  `import type { Rule } from '../core/rule.ts';

/** Changes whenever a compiled rule does. */
export const BUILTIN_DIGEST = '${digest}';

/** Providers of the rule set \`messaging\`: those that send mail and messages, or take them in. */
export const MESSAGING_PROVIDERS: ReadonlySet<string> = new Set(${JSON.stringify(messaging)});

export const BUILTIN_RULES: readonly Rule[] = [
${rules.map((rule) => `${JSON.stringify(rule)},`).join('\n')}
];
`,
);
write(
  'src/rules/builtin-samples.generated.ts',
  `import type { RuleSamples } from './self-test.ts';

export const BUILTIN_SAMPLES: readonly RuleSamples[] = ${JSON.stringify(samples, null, 1)};
`,
);
write('docs/rule.schema.json', `${JSON.stringify(ruleFileJsonSchema(), null, 2)}\n`);

/** Leaves an equal file alone, so that watchers and caches see no change. */
function write(name: string, text: string): void {
  const target = path.join(root, name);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) return;
  writeFileSync(target, text);
  process.stderr.write(`generate-rules: wrote ${name}\n`);
}

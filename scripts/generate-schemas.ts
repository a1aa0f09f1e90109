/** Writes the JSON Schemas under docs/ from the schemas in src/. `--check` compares instead. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import * as z from 'zod/mini';

import { ConfigSchema } from '../src/config/schema.ts';
import { KeysReportSchema } from '../src/respond/keys/model.ts';
import { FindingsReportSchema } from '../src/report/schema.ts';

const docs = new URL('../docs/', import.meta.url);

/** File name under docs/ and its text. */
export function schemaFiles(): [name: string, text: string][] {
  return [
    ['findings.schema.json', jsonSchema(FindingsReportSchema)],
    ['config.schema.json', jsonSchema(ConfigSchema)],
    ['keys.schema.json', jsonSchema(KeysReportSchema)],
  ];
}

/** As seen by a reader of the document, so unknown fields are allowed: contracts are added to. */
function jsonSchema(schema: z.ZodMiniType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of schemaFiles()) {
    const file = new URL(name, docs);
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      process.stderr.write(`docs/${name} is out of date: run npx tsx scripts/generate-schemas.ts\n`);
      process.exitCode = 1;
    }
  }
}

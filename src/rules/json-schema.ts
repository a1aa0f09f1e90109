import * as z from 'zod/mini';

import { RULE_FILE } from './schema.ts';

/** The rule file format as JSON Schema, for editors. */
export function ruleFileJsonSchema(): object {
  return {
    ...z.toJSONSchema(RULE_FILE, { target: 'draft-7', io: 'input' }),
    title: 'unleak rule file',
    description: 'Rules of one provider; docs/RULES.md explains every key.',
  };
}

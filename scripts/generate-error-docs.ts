/** Writes docs/ERRORS.md from the families of errors. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { EXIT, exitCodeOfError } from '../src/cli/exit-code.ts';
import { type Consequence, ERROR_FAMILIES, type ErrorFamily } from '../src/errors/catalog.ts';
import { ScanError } from '../src/errors/base.ts';

function page(): string {
  return [
    '# Errors',
    '',
    'Written by `npm run generate` from `src/errors/`. A code never changes its meaning. It stands in brackets on standard error,',
    'and in `coverage.problems` of a report; match on it, not on the sentence beside it.',
    '',
    'The last column is the [exit code](CLI.md#exit-codes). **3, or 1**: what could not be covered makes a run that found nothing end with 3, unless',
    '`--allow-incomplete` was given, and does not change the 1 of a run with findings. **1 of a step**: `respond`, `rotate` and `verify` go on where they can; a step that failed makes',
    'them end with 1, one that waits for a person with 4. An error that nobody foresaw is `INTERNAL`, and ends as a gap does:',
    'what was found until then is reported beside it, with what is known of its places; where not even that can be done, the run ends with 3 and says so.',
    ...ERROR_FAMILIES.flatMap(section),
    '',
  ].join('\n');
}

function section({ title, consequence, meanings, mends }: ErrorFamily): string[] {
  const rows = Object.entries(meanings).map(
    ([code, meaning]) => `| \`${code}\` | ${cell(meaning)} | ${cell(mends[code] ?? '')} | ${exit(code, consequence)} |`,
  );
  return ['', `## ${title}`, '', '| code | meaning | what to do | exit |', '| --- | --- | --- | --- |', ...rows];
}

const EXITS: Readonly<Record<Consequence, string>> = {
  gap: '3, or 1',
  step: '1 of a step',
  action: '1',
  trial: '1',
  none: 'none',
};

function exit(code: string, consequence: Consequence): string {
  return exitCodeOfError(new Coded(code)) === EXIT.usage ? String(EXIT.usage) : EXITS[consequence];
}

class Coded extends ScanError {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

writeFileSync(fileURLToPath(new URL('../docs/ERRORS.md', import.meta.url)), page());

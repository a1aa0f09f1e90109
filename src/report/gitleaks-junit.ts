import type { FindingsReport } from '../core/finding.ts';
import { jsonText } from './escape/json.ts';
import { markupText } from './escape/markup.ts';
import { type GitleaksRecord, gitleaksRecords } from './gitleaks-record.ts';

/**
 * The JUnit report of gitleaks: one suite, a failed case a finding with its
 * record as text. What could not be covered is an error of a case of its own.
 */
export function* gitleaksJunit(report: FindingsReport): Generator<string> {
  const records = [...gitleaksRecords(report)];
  const { problems } = report.coverage;
  const totals = `failures="${records.length}" errors="${problems.length}" tests="${records.length + problems.length}"`;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n';
  yield `  <testsuite ${totals} name="gitleaks" time="">\n`;
  for (const record of records) yield caseOf(record);
  for (const { code, message, mend } of problems) {
    yield `    <testcase classname="coverage" name="${markupText(code)}" time="">\n`;
    yield `      <error type="${markupText(code)}" message="${markupText(message)}">${markupText(mend)}</error>\n`;
    yield '    </testcase>\n';
  }
  yield '  </testsuite>\n</testsuites>\n';
}

function caseOf(record: GitleaksRecord): string {
  const { RuleID, Description, File, StartLine, Commit } = record;
  const where = `${File}:${StartLine}${Commit === '' ? '' : ` of commit ${Commit}`}`;
  const [kind, file] = [markupText(Description), markupText(File)];
  const said = markupText(`${RuleID} found a secret in ${where}`);
  const text = markupText(jsonText(record));
  return [
    `    <testcase classname="${kind}" file="${file}" name="${said}" time="">\n`,
    `      <failure message="${said}" type="${kind}">${text}</failure>\n`,
    '    </testcase>\n',
  ].join('');
}

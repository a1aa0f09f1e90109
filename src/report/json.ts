import type { Finding, FindingsReport } from '../core/finding.ts';
import { findingHead, occurrenceRecord } from './contract.ts';
import { jsonText } from './escape/json.ts';
import { sortFindings } from './order.ts';

/** The machine contract, one finding a line; `docs/findings.schema.json` describes it. */
export function* json(report: FindingsReport): Generator<string> {
  yield `{"schema":${jsonText(report.schema)},\n"tool":${jsonText(report.tool)},\n`;
  yield `"coverage":${jsonText(report.coverage)},\n"findings":[`;
  let separator = '\n';
  for (const finding of sortFindings(report.findings)) {
    yield separator;
    yield* findingPieces(finding);
    separator = ',\n';
  }
  yield ']';
  if (report.policy !== undefined) yield `,\n"policy":${jsonText(report.policy)}`;
  yield '}\n';
}

/**
 * One object a line: `run`, then each `finding`, each `policy` finding, and `coverage` last. Without
 * that last line the report was cut short, and says nothing about cleanness.
 */
export function* jsonl(report: FindingsReport): Generator<string> {
  yield `${jsonText({ record: 'run', schema: report.schema, tool: report.tool })}\n`;
  for (const finding of sortFindings(report.findings)) {
    yield '{"record":"finding",';
    let skip = 1;
    for (const piece of findingPieces(finding)) {
      yield piece.slice(skip);
      skip = 0;
    }
    yield '\n';
  }
  for (const policy of report.policy ?? []) yield `${jsonText({ record: 'policy', ...policy })}\n`;
  yield `${jsonText({ record: 'coverage', ...report.coverage })}\n`;
}

/** A secret may have tens of thousands of occurrences: they are written one by one. */
function* findingPieces(finding: Finding): Generator<string> {
  yield `${jsonText(findingHead(finding)).slice(0, -1)},"occurrences":[`;
  for (const [index, occurrence] of finding.occurrences.entries()) {
    yield (index === 0 ? '' : ',') + jsonText(occurrenceRecord(occurrence));
  }
  yield ']}';
}

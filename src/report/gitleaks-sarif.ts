import type { Log, Result } from 'sarif';

import type { FindingsReport } from '../core/finding.ts';
import { jsonText } from './escape/json.ts';
import { sarifMessageText } from './escape/sarif-message.ts';
import { terminalText } from './escape/terminal.ts';
import { pathUri } from './escape/uri.ts';
import { type GitleaksRecord, gitleaksRecords } from './gitleaks-record.ts';

/**
 * SARIF laid out as gitleaks does: a result an occurrence, the commit among the
 * partial fingerprints, the (redacted) secret as the snippet. `sarif` says more.
 */
export function* gitleaksSarif(report: FindingsReport): Generator<string> {
  const records = [...gitleaksRecords(report)];
  const rules = new Map(records.map(({ RuleID, Description }) => [RuleID, Description]));
  const { complete, problems } = report.coverage;
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            semanticVersion: report.tool.version,
            rules: [...rules].map(([id, title]) => ({
              id: terminalText(id),
              shortDescription: { text: sarifMessageText(title) },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: complete,
            toolExecutionNotifications: problems.map(({ code, message, mend }) => ({
              descriptor: { id: terminalText(code) },
              level: 'error',
              message: { text: sarifMessageText(`${message}. ${mend}`) },
            })),
          },
        ],
        results: records.map(resultOf),
      },
    ],
  };
  yield `${jsonText(log, 1)}\n`;
}

function resultOf(record: GitleaksRecord): Result {
  const { RuleID, File, StartLine, EndLine, StartColumn, EndColumn, Secret, Commit, Tags } = record;
  const uri = pathUri(File === '' ? '-' : File);
  return {
    message: { text: sarifMessageText(`${RuleID} found a secret in ${File}${Commit === '' ? '' : ` of ${Commit}`}`) },
    ruleId: terminalText(RuleID),
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri },
          // Lines of SARIF count from 1: a file that was found by its path has none.
          ...(StartLine > 0 && {
            region: {
              startLine: StartLine,
              startColumn: StartColumn,
              endLine: EndLine,
              endColumn: EndColumn,
              snippet: { text: terminalText(Secret) },
            },
          }),
        },
      },
    ],
    partialFingerprints: {
      commitSha: Commit,
      email: terminalText(record.Email),
      author: terminalText(record.Author),
      date: record.Date,
      commitMessage: '',
    },
    properties: { tags: [...Tags] },
  };
}

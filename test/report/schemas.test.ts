import { readFileSync } from 'node:fs';

import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import type { Log } from 'sarif';
import { describe, expect, test } from 'vitest';

import { schemaFiles } from '../../scripts/generate-schemas.ts';
import type { FindingsReport } from '../../src/core/finding.ts';
import { POLICY_TEXTS } from '../../src/policy/texts.ts';
import type { ReportOptions } from '../../src/report/format.ts';
import { gitlab } from '../../src/report/gitlab.ts';
import { json, jsonl } from '../../src/report/json.ts';
import { readReport } from '../../src/report/read.ts';
import { sarif } from '../../src/report/sarif.ts';
import { closedSchema } from '../helpers/closed-schema.ts';
import { finding, occurrence } from '../helpers/findings.ts';
import { report, rule } from '../helpers/report.ts';
import { sampleReport } from '../helpers/sample-report.ts';

type Json = Record<string, unknown>;

const root = new URL('../../', import.meta.url);
const options: ReportOptions = { ruleOf: (id) => (id.startsWith('generic') ? undefined : rule({ id })) };
const empty = report([]);
const withPolicy: FindingsReport = {
  ...sampleReport(),
  policy: [
    {
      ...POLICY_TEXTS.POLICY_ENV_FILE,
      code: 'POLICY_ENV_FILE',
      fingerprint: 'abc',
      rule: 'migosmtp-api-key',
      places: [{ path: '.env', line: 1, column: 2, commit: null }],
      count: 1,
    },
  ],
};

function read(path: string): Json {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Json;
}

describe('generated schemas', () => {
  test.each(schemaFiles())('docs/%s is up to date', (name, text) => {
    expect(readFileSync(new URL(`docs/${name}`, root), 'utf8')).toBe(text);
  });
});

describe('the JSON contract', () => {
  const schema = read('docs/findings.schema.json');
  const valid = new Ajv2020({ allErrors: true }).compile(schema);
  const exact = new Ajv2020({ allErrors: true }).compile(closedSchema(schema));

  test.each([
    ['the sample', sampleReport()],
    ['an empty report', empty],
    ['a report with policy', withPolicy],
  ])('is kept by %s, with no field that the schema does not name', (_, written) => {
    const value: unknown = JSON.parse([...json(written)].join(''));
    expect(valid(value) ? [] : valid.errors).toEqual([]);
    expect(exact(value) ? [] : exact.errors).toEqual([]);
  });

  test('is broken by a wrong type and, for the closed form, by an unknown field (control)', () => {
    const sample = sampleReport() as unknown as Json;
    expect(valid({ ...sample, findings: 'none' })).toBe(false);
    expect(valid({ ...sample, news: 1 })).toBe(true);
    expect(exact({ ...sample, news: 1 })).toBe(false);
  });

  test('holds no snippet, and no secret but one that was asked for', () => {
    const odd = { ...finding(), internal: 'never' };
    expect([...json(report([...sampleReport().findings, odd]))].join('')).not.toMatch(/snippet|never/);
    const shown = [...json(report([finding({ secret: 'as asked' })]))].join('');
    expect((JSON.parse(shown) as FindingsReport).findings[0]?.secret).toBe('as asked');
  });

  test('is streamed: a finding with many occurrences is never one piece', () => {
    const many = finding({ occurrences: Array.from({ length: 500 }, (_, line) => occurrence({ line: line + 1 })) });
    for (const format of [json, jsonl]) {
      expect(Math.max(...[...format(report([many]))].map((piece) => piece.length))).toBeLessThan(2000);
    }
  });

  test('reads back as written', () => {
    const text = [...json(sampleReport())].join('');
    const again = readReport(new TextEncoder().encode(text));
    expect([...json(again)].join('')).toBe(text);
  });

  test.each([
    ['REPORT_NOT_JSON', '{"schema":"unleak.findings/1",'],
    ['REPORT_NOT_JSON', '\ud800'],
    ['REPORT_NOT_JSON', `{"schema":"unleak.findings/1","x":${'['.repeat(99)}${']'.repeat(99)}}`],
    ['REPORT_SCHEMA', `{"schema":"unleak.findings/1","x":${'['.repeat(9)}${']'.repeat(9)}}`],
    ['REPORT_VERSION', '{"schema":"unleak.findings/2"}'],
    ['REPORT_SCHEMA', '{"schema":"unleak.findings/1"}'],
    ['REPORT_SCHEMA', '[]'],
    ['REPORT_SCHEMA', 'null'],
    ['REPORT_SCHEMA', JSON.stringify({ ...empty, findings: [{ ...finding(), severity: 'dreadful' }] })],
    ['REPORT_SCHEMA', JSON.stringify({ ...empty, findings: [finding({ occurrences: [occurrence({ line: -1 })] })] })],
  ])('a stored report is refused as %s: %s', (code, text) => {
    const bytes = text === '\ud800' ? Uint8Array.from([0xff]) : new TextEncoder().encode(text);
    expect(() => readReport(bytes)).toThrow(expect.objectContaining({ code }));
  });

  test('refusals quote nothing of the report but where it is wrong', () => {
    const hidden = ['hidden', 'value'].join('-');
    for (const text of [`{"schema":${hidden}}`, JSON.stringify({ ...empty, tool: hidden })]) {
      expect(() => readReport(new TextEncoder().encode(text))).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(hidden) }),
      );
    }
  });
});

describe('SARIF', () => {
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  formatsPlugin.default(ajv);
  const valid = ajv.compile(read('fixtures/schemas/sarif-2.1.0.json'));

  function log(written: FindingsReport): Log {
    return JSON.parse([...sarif(written, options)].join('')) as Log;
  }

  test.each([
    ['the sample', sampleReport()],
    ['an empty report', empty],
  ])('of %s is valid against the OASIS schema', (_, written) => {
    expect(valid(log(written)) ? [] : valid.errors).toEqual([]);
  });

  test('with a misspelt level is not (control)', () => {
    const [run] = log(sampleReport()).runs;
    expect(valid({ version: '2.1.0', runs: [{ ...run, results: [{ message: { text: 'x' }, level: 'bad' }] }] })).toBe(
      false,
    );
  });

  test('gives every result a region with a start, a rule of its own, and a stable fingerprint', () => {
    const [run] = log(sampleReport()).runs;
    for (const result of run?.results ?? []) {
      expect(run?.tool.driver.rules?.[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
      expect(result.locations?.[0]?.physicalLocation?.region?.startLine).toBeGreaterThan(0);
      expect(result.partialFingerprints?.['unleak/v1']).toMatch(/^[a-z2-7]{26}$/);
    }
    expect(run?.results).toHaveLength(6);
    expect(run?.columnKind).toBe('utf16CodeUnits');
  });

  test('marks what is suppressed and keeps it', () => {
    const results = log(sampleReport()).runs[0]?.results ?? [];
    const kinds = results.map(({ suppressions = [], baselineState }) => [suppressions[0]?.kind, baselineState]);
    expect(kinds.filter(([kind]) => kind !== undefined)).toEqual([
      ['inSource', 'new'],
      ['external', 'unchanged'],
    ]);
    expect(results.every(({ suppressions }) => suppressions !== undefined)).toBe(true);
  });

  test('calls an incomplete run unsuccessful and says why', () => {
    const [invocation] = log(sampleReport()).runs[0]?.invocations ?? [];
    expect(invocation?.executionSuccessful).toBe(false);
    expect(invocation?.toolExecutionNotifications?.map(({ descriptor }) => descriptor?.id)).toEqual([
      'GIT_SHALLOW',
      'ARCHIVE_LIMIT',
    ]);
    expect(log(empty).runs[0]?.invocations?.[0]?.executionSuccessful).toBe(true);
  });

  test.each([
    ['a b/ä#?%.ts', 'a%20b/%C3%A4%23%3F%25.ts', '%SRCROOT%'],
    ['/etc/x y', 'file:///etc/x%20y', undefined],
    ['C:\\keys\\a.txt', 'file:///C%3A/keys/a.txt', undefined],
    ['odd\\name', 'odd%5Cname', '%SRCROOT%'],
    ['x\ud800', 'x%EF%BF%BD', '%SRCROOT%'],
  ])('writes the path %j as %s', (path, uri, uriBaseId) => {
    const [result] = log(report([finding({ occurrences: [occurrence({ path })] })])).runs[0]?.results ?? [];
    expect(result?.locations?.[0]?.physicalLocation?.artifactLocation).toEqual(
      uriBaseId === undefined ? { uri } : { uri, uriBaseId },
    );
  });
});

describe('GitLab', () => {
  /** What version 15.0.7 of the secret detection report asks for, of the fields that are written. */
  const text = { type: 'string', minLength: 1 };
  const program = { type: 'object', required: ['id', 'name', 'version', 'vendor'], properties: { id: text } };
  const time = { type: 'string', pattern: String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$` };
  const valid = new Ajv({ allErrors: true, strict: false }).compile({
    type: 'object',
    required: ['version', 'scan', 'vulnerabilities'],
    properties: {
      version: { const: '15.0.7' },
      scan: {
        type: 'object',
        required: ['analyzer', 'scanner', 'start_time', 'end_time', 'status', 'type'],
        properties: {
          analyzer: program,
          scanner: program,
          start_time: time,
          end_time: time,
          status: { enum: ['success', 'failure'] },
          type: { const: 'secret_detection' },
          messages: {
            items: {
              required: ['level', 'value'],
              properties: { level: { enum: ['info', 'warn', 'fatal'] }, value: text },
            },
          },
        },
      },
      vulnerabilities: {
        type: 'array',
        items: {
          required: ['id', 'identifiers', 'location'],
          properties: {
            id: text,
            name: { type: 'string', maxLength: 255 },
            severity: { enum: ['Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical'] },
            identifiers: {
              type: 'array',
              minItems: 1,
              items: { required: ['type', 'name', 'value'], properties: { type: text, name: text, value: text } },
            },
            location: {
              required: ['commit'],
              properties: { commit: { required: ['sha'], properties: { sha: text } }, start_line: { type: 'number' } },
            },
          },
        },
      },
    },
  });

  test.each([
    ['the sample', sampleReport()],
    ['an empty report', empty],
    ['a finding without a place', report([finding({ occurrences: [], title: 'x'.repeat(999) })])],
  ])('reads %s', (_, written) => {
    const value: unknown = JSON.parse([...gitlab(written, options)].join(''));
    expect(valid(value) ? [] : valid.errors).toEqual([]);
  });

  test('is told of an incomplete scan, and of no suppressed finding', () => {
    const value = JSON.parse([...gitlab(sampleReport(), options)].join('')) as Json & { vulnerabilities: unknown[] };
    expect(value).toMatchObject({ scan: { status: 'failure', messages: [{ level: 'warn' }, { level: 'warn' }] } });
    expect(value.vulnerabilities).toHaveLength(4);
    expect(valid({ ...value, scan: {} })).toBe(false);
  });
});

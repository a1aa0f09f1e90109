import { describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import type { PolicyFinding } from '../../src/core/policy.ts';
import type { ReportOptions } from '../../src/report/format.ts';
import { formatNamed, formats } from '../../src/report/formats.ts';
import { renderBlocked } from '../../src/report/pretty/blocked.ts';
import { finding, occurrence } from '../helpers/findings.ts';
import {
  ACTIVE,
  cellsOf,
  commandProperties,
  HOSTILE,
  isFormula,
  MARKDOWN_ACTIVE,
  outsideOfCode,
  tagsOf,
  workflowCommands,
  xmlFaults,
} from '../helpers/inert.ts';
import { report, rule } from '../helpers/report.ts';

function hostileReport(text: string): FindingsReport {
  const place = occurrence({
    path: text,
    commit: text,
    author: text,
    email: text,
    authorDate: text,
    blob: text,
    decoded: [text],
    snippet: `${text} ••••••••k3Zq ${text}`,
    heldBy: [{ ref: text, inTip: true }],
    removedIn: [text],
  });
  const open = finding({
    rule: text,
    provider: text,
    title: text,
    fingerprint: text,
    redacted: text,
    parts: [{ rule: text, redacted: text, occurrences: [place] }],
    verification: { status: 'unknown', checkedAt: text, detail: text },
    firstSeen: { commit: text, author: text, date: text },
    occurrences: [place, { ...place, path: null, kind: 'commit-message' }, { ...place, kind: 'path', line: 9 }],
  });
  const policy: PolicyFinding = {
    code: 'POLICY_SHARED_KEY',
    level: 'warning',
    title: text,
    advice: text,
    reference: text,
    fingerprint: text,
    rule: text,
    places: [{ path: text, line: 1, column: 1, commit: text }],
    count: 1,
  };
  const plain = report(
    [open, { ...open, confidence: 'medium' }, { ...open, suppressed: { by: 'comment', reason: text, expires: text } }],
    {
      complete: false,
      skipped: [{ reason: text, count: 1, examples: [text], setBy: text }],
      configuration: [{ file: text, digest: text, disables: [text] }],
      problems: [
        { code: text, message: text, mend: text, count: 2 },
        { code: text, message: `one (${text})`, mend: text },
        { code: text, message: `${text} (other)`, mend: text },
        { code: text, message: `${text} (another)`, mend: text },
        { code: 'alone', message: text, mend: text },
      ],
    },
  );
  return { ...plain, policy: [policy] };
}

function optionsFor(text: string): ReportOptions {
  return {
    ruleOf: () => rule({ id: text, title: text, impact: text, remediation: text, dashboard: text }),
    command: 'unleak',
  };
}

type Renderer = (report: FindingsReport, options: ReportOptions) => Iterable<string>;

function render(renderer: Renderer, text: string): string {
  return [...renderer(hostileReport(text), optionsFor(text))].join('');
}

const cases = Object.entries(HOSTILE);

describe('hostile names', () => {
  test('are hostile (control)', () => {
    expect(cases.filter(([, text]) => ACTIVE.test(text)).length).toBeGreaterThan(6);
  });

  const renderers: [string, Renderer][] = [...Object.entries(formats), ['blocked', renderBlocked]];
  describe.each(renderers)('in %s', (_, renderer) => {
    test.each(cases)('%s: nothing that a terminal obeys or hides', (_name, text) => {
      expect(render(renderer, text)).not.toMatch(ACTIVE);
    });
  });

  describe.each(['pretty', 'github'])('in %s', (name) => {
    test.each(cases)('%s: no workflow command of its own', (_name, text) => {
      expect(workflowCommands(render(formatNamed(name), text))).toHaveLength(
        workflowCommands(render(formatNamed(name), 'benign')).length,
      );
    });
  });

  test.each(cases)('%s: a workflow command has only the properties that we gave it', (_name, text) => {
    for (const line of render(formatNamed('github'), text).trimEnd().split('\n')) {
      const { names, text: properties } = commandProperties(line);
      expect([
        ['file', 'line', 'endLine', 'col', 'endColumn', 'title'],
        ['file', 'line', 'title'],
        ['title'],
      ]).toContainEqual(names);
      expect(properties).not.toMatch(/%(?!25|3A|2C|0A|0D)/);
    }
  });

  describe('in markdown', () => {
    test.each(cases)('%s: no mention, link, image or HTML', (_name, text) => {
      const rest = outsideOfCode(render(formatNamed('markdown'), text));
      expect(rest).not.toMatch(MARKDOWN_ACTIVE);
    });

    test.each(cases)('%s: every row of the table keeps its cells', (_name, text) => {
      const rows = render(formatNamed('markdown'), text)
        .split('\n')
        .filter((line) => line.startsWith('|'));
      expect(rows.length).toBe(4);
      for (const line of rows) expect(line.match(/\|/g)).toHaveLength(7);
    });

    test('outsideOfCode leaves what is not code (control)', () => {
      expect(outsideOfCode('`a` @b <code>&#64;</code>')).toBe(' @b ');
    });
  });

  describe('in csv', () => {
    test.each(cases)('%s: no cell is a formula, and rows keep their cells', (_name, text) => {
      const written = render(formatNamed('csv'), text);
      const cells = cellsOf(written.trimEnd());
      expect(cells.filter(isFormula)).toEqual([]);
      // A header, three findings of three occurrences, one policy, five problems: 18 columns each.
      expect(cells).toHaveLength(18 * 16);
    });

    test('cellsOf sees a formula (control)', () => {
      expect(cellsOf('a,"=1+1"')).toEqual(['a', '=1+1']);
    });
  });

  describe.each(['junit', 'html', 'gitleaks-junit'])('in %s', (name) => {
    test.each(cases)('%s: the same elements and attributes as for a harmless text', (_name, text) => {
      expect(tagsOf(render(formatNamed(name), text))).toEqual(tagsOf(render(formatNamed(name), 'harmless')));
    });
  });

  describe.each(['junit', 'gitleaks-junit'])('in %s', (name) => {
    test.each(cases)('%s: the document stays well-formed', (_name, text) => {
      expect(xmlFaults(render(formatNamed(name), text))).toEqual([]);
    });
  });

  test('xmlFaults sees faults (control)', () => {
    expect(['<a><b></a>', '<a>&x</a>', '<a>\u0001</a>', '<a>'].map((xml) => xmlFaults(xml).length)).toEqual([
      1, 1, 1, 1,
    ]);
  });

  test('tagsOf sees what text brings in (control)', () => {
    expect(tagsOf('<a title="x">')).toEqual(tagsOf('<a title="<y">'.replace('<y', 'y')));
    expect(tagsOf('<a title="x"><b>')).not.toEqual(tagsOf('<a title="x">'));
  });

  test('html runs no script and loads nothing', () => {
    const page = render(formatNamed('html'), HOSTILE.html);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(?:script|img|iframe|link|a|form|object)\b/i);
  });

  describe.each(['json', 'sarif', 'gitlab', 'codequality', 'gitleaks', 'gitleaks-sarif'])('in %s', (name) => {
    test.each(cases)('%s: the document parses', (_name, text) => {
      const value: unknown = JSON.parse(render(formatNamed(name), text));
      expect(typeof value).toBe('object');
    });
  });

  test.each(cases)('%s: JSON gives it back as it was', (_name, text) => {
    const value = JSON.parse(render(formatNamed('json'), text)) as FindingsReport;
    expect(value.findings[0]?.occurrences[0]?.path).toBe(text);
  });

  test.each(cases)('%s: JSON lines stay one object a line', (_name, text) => {
    const lines = render(formatNamed('jsonl'), text).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { record: string }).record)).toEqual([
      'run',
      'finding',
      'finding',
      'finding',
      'policy',
      'coverage',
    ]);
  });

  test.each(cases)('%s: SARIF messages hold no link or placeholder of its own', (_name, text) => {
    const log = JSON.parse(render(formatNamed('sarif'), text)) as {
      runs: { results: { message: { text: string } }[] }[];
    };
    for (const { message } of log.runs[0]?.results ?? []) {
      expect(message.text.replaceAll(/\\[\\[\]]/g, '').replaceAll(/\{\{|\}\}/g, '')).not.toMatch(/[[\]{}]/);
    }
  });
});

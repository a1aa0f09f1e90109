import type { Coverage } from '../../src/core/coverage.ts';
import type { Finding, FindingsReport } from '../../src/core/finding.ts';
import type { Rule } from '../../src/core/rule.ts';

export function coverage(changes: Partial<Coverage> = {}): Coverage {
  return {
    complete: true,
    source: 'history',
    files: 0,
    blobs: 1204,
    commits: 310,
    tags: 4,
    refs: 12,
    unreachable: 0,
    bytesCovered: 81_234_567,
    bytesScanned: 9_000_000,
    fromCache: 0,
    skipped: [],
    configuration: [],
    problems: [],
    ...changes,
  };
}

export function report(findings: readonly Finding[], changes: Partial<Coverage> = {}): FindingsReport {
  return {
    schema: 'unleak.findings/1',
    tool: { name: 'unleak', version: '0.0.0', rules: 312, rulesDigest: 'd'.repeat(8) },
    coverage: coverage(changes),
    findings,
  };
}

export function rule(changes: Partial<Rule> = {}): Rule {
  return {
    id: 'example-token',
    provider: 'example',
    title: 'Example token',
    severity: 'high',
    role: 'secret',
    family: 'example',
    specificity: 100,
    matchers: [],
    parts: [],
    impact: 'Sends mail in your name.',
    remediation: 'Delete the key first, then create another.',
    references: [],
    dashboard: 'https://dashboard.example.com/keys',
    ...changes,
  };
}

import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ordinaryTraffic } from '../../fixtures/simulator/seed.ts';
import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { writeEvidence } from '../../src/respond/evidence/files.ts';
import { evidenceHtml } from '../../src/respond/evidence/html.ts';
import { evidenceMarkdown } from '../../src/respond/evidence/markdown.ts';
import { evidenceOf } from '../../src/respond/evidence/model.ts';
import type { Recorded } from '../../src/respond/journal/entry.ts';
import { Harness, type RunReport } from './harness.ts';

let harness: Harness;
let account: TurboAccount;
let pair: TurboKey;
let report: RunReport;
const HOSTILE = `<script>alert(1)</script> [x](javascript:1) @everyone \u202e\u001b[31m"'&`;

beforeEach(async () => {
  harness = await Harness.start();
  account = addTurboAccount(harness.simulator.state.turbosmtp);
  pair = addTurboKey(account);
  ordinaryTraffic(account, 40);
  report = await harness.run({
    keys: [
      {
        kind: 'turbosmtp-pair',
        secret: pair.consumerSecret,
        parts: { 'turbosmtp-consumer-key': [pair.consumerKey] },
        finding: {
          title: HOSTILE,
          firstSeen: { commit: 'c'.repeat(40), author: 'a', date: new Date(Date.now() - 5 * 86_400_000).toISOString() },
        },
      },
    ],
    environment: { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password },
  });
});
afterEach(() => harness.close());

describe('the evidence', () => {
  test('has the exposure, the verdicts, every step and what is open, first things first', () => {
    const evidence = evidenceOf(report.id, report.entries);
    const [key] = evidence.keys;
    expect(key?.verdicts.map(({ status }) => status)).toEqual(['live', 'live', 'dead']);
    expect(key?.deadSince).not.toBeNull();
    expect(key?.steps.map(({ step, status }) => [step, status])).toEqual([
      ['revoke', 'done'],
      ['replace', 'waiting'],
      ['logs', 'done'],
      ['assess', 'waiting'],
      ['notify', 'waiting'],
      ['support', 'waiting'],
      ['audit', 'waiting'],
    ]);
    expect(evidence.open.map(({ step }) => step)).toEqual(['replace', 'assess', 'notify', 'support', 'audit']);
    expect(evidence.timeline[0]).toMatchObject({ kind: 'exposure' });
    const times = evidence.timeline.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('is written for this user alone, and holds no secret', () => {
    const folder = path.join(harness.root, report.id);
    const files = writeEvidence(folder, report.id, report.entries);
    expect(files.map((file) => path.basename(file))).toEqual(['evidence.md', 'evidence.json', 'evidence.html']);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      for (const secret of [pair.consumerSecret, account.password]) expect(text).not.toContain(secret);
    }
    expect(JSON.parse(readFileSync(files[1] ?? '', 'utf8'))).toMatchObject({ schema: 'unleak.incident/1' });
  });

  test('escapes what comes from repositories and servers, in HTML and in Markdown', () => {
    const evidence = evidenceOf(report.id, report.entries);
    const page = evidenceHtml(evidence);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/[\u202e\u001b]/);
    const text = evidenceMarkdown(evidence);
    expect(text).not.toContain('<script');
    expect(text).not.toContain('](javascript');
    expect(text).not.toContain('@everyone');
    expect(text).not.toMatch(/[\u202e\u001b]/);
  });

  test('is one page that fetches nothing and runs nothing', () => {
    const page = evidenceHtml(evidenceOf(report.id, report.entries));
    expect(page).toContain(`default-src 'none'`);
    expect(page).not.toMatch(
      /<(?:script|link|img|iframe|object|form)\b|\ssrc=|\shref=|\sstyle=|\son\w+=|url\(|@import/i,
    );
  });

  test('says plainly when the key is not confirmed dead', () => {
    const cut = report.entries.filter((entry: Recorded) => entry.type !== 'step');
    expect(evidenceMarkdown(evidenceOf(report.id, cut))).toContain('**not confirmed**');
    expect(evidenceHtml(evidenceOf(report.id, cut))).toContain('not dead after');
  });
});

/** Names and texts that try to be obeyed, through everything that the built Action writes. */
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, test } from 'vitest';

import { type ActionRun, type Hosted, host } from '../helpers/action.ts';
import {
  ACTIVE,
  HOSTILE,
  MARKDOWN_ACTIVE,
  commandProperties,
  outsideOfCode,
  workflowCommands,
} from '../helpers/inert.ts';
import { sureKey } from '../helpers/key.ts';
import { makeRepository } from '../helpers/repository.ts';

/** What git and file systems take as a file's name. */
const names = Object.entries(HOSTILE)
  .filter(([kind]) => kind !== 'nul' && kind !== 'surrogates')
  .map(([, text]) => text);

let hosted: Hosted;
let run: ActionRun;
let comment: string;

beforeAll(async () => {
  hosted = await host();
  const work = makeRepository();
  const base = work.commit('Base', { 'readme.txt': 'hello\n' });
  work.environment['GIT_AUTHOR_NAME'] =
    `@octocat ${HOSTILE.command.replaceAll(/[\r\n]/g, ' ')} ${HOSTILE.html.replaceAll(/[<>]/g, '')}`;
  const pieces = names.map((text, i) => {
    const path = `"${text.replaceAll('/', '\u2044').replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
    const line = `${i} ${sureKey(i + 1)} ${text.replaceAll(/[\r\n]/g, ' ')}\n`;
    return `M 100644 inline ${path}\ndata ${Buffer.byteLength(line)}\n${line}\n`;
  });
  // A message with a key of its own, so that it is reported as well.
  const message = `::set-output name=findings::0\n${names.join('\n')}\n${sureKey(90)}\n`;
  const author = work.environment['GIT_AUTHOR_NAME'].replaceAll(/[<>\n]/g, '');
  work.gitBytes(
    ['fast-import', '--quiet'],
    [
      `commit refs/heads/topic\nauthor ${author} <a@example.test> 1767225600 +0000\n`,
      `committer C <c@example.test> 1767225600 +0000\n`,
      `data ${Buffer.byteLength(message)}\n${message}\nfrom ${base}\n`,
      ...pieces,
    ].join(''),
  );
  const head = work.id('topic');
  hosted.push(work, 'main', 'topic');
  const branch = `${HOSTILE.markdown.replaceAll(/[ [\\*^~:?]/g, '-')}::set-output-${sureKey(91)}`;
  const title = `${HOSTILE.command}\n${HOSTILE.markdown}`;
  const payload = hosted.pullRequest(head, base, { branch, title });
  run = await hosted.run({ event: 'pull_request', payload, inputs: { 'upload-sarif': 'true' } });
  comment = hosted.server.comments[0]?.body ?? '';
});

/** Links of ours: an address without anything that could end it. */
function withoutLinks(markdown: string): string {
  const address = `${hosted.server.url}/acme/mailer/(?:blob|commit)/[0-9a-f]{40}(?:/[A-Za-z0-9.%-]+)*(?:#L\\d+(?:-L\\d+)?)?`;
  return markdown.replaceAll(new RegExp(`\\[\\s*\\]\\(${address}\\)`, 'g'), '');
}

test('all of it was found (control)', () => {
  expect([run.code, run.outputs['findings'], run.outputs['complete']]).toEqual([1, String(names.length + 2), 'true']);
  expect(hosted.server.faults).toEqual([]);
});

describe('the log', () => {
  test('holds no command but ours, and these only what they should', () => {
    const commands = workflowCommands(run.out);
    expect(commands.filter((line) => !/^::(?:add-mask|error|warning|notice)\b/.test(line))).toEqual([]);
    const marks = commands.filter((line) => /^::(?:error|warning) /.test(line));
    expect(marks.length).toBeGreaterThan(5);
    for (const line of marks) {
      const { names: properties, text } = commandProperties(line);
      expect(properties.filter((name) => !/^(?:file|line|endLine|col|endColumn|title)$/.test(name))).toEqual([]);
      expect(text).not.toMatch(/:(?!:)/);
    }
  });

  test('holds at most ten annotations of a level, and says how many more there are', () => {
    const errors = workflowCommands(run.out).filter((line) => line.startsWith('::error '));
    expect(errors).toHaveLength(10);
    expect(run.out).toMatch(/^::notice title=unleak::\d+ more in the log and the summary$/m);
  });

  test('moves no cursor and turns no text around', () => {
    expect(run.out.match(ACTIVE)).toBeNull();
  });
});

describe.each([
  ['the comment', () => comment.replace('<!-- unleak: report on this pull request -->', '')],
  ['the summary', () => run.summary],
])('%s', (_, textOf) => {
  test('mentions nobody, links nowhere but to our own places, and holds no HTML', () => {
    const text = textOf();
    expect(text.length).toBeGreaterThan(1000);
    const rest = withoutLinks(outsideOfCode(text.replaceAll(/^ {3}```(?:sh)?$/gm, '')));
    expect(rest.match(MARKDOWN_ACTIVE)?.input?.slice(0, 400) ?? null).toBeNull();
    expect(text.match(ACTIVE)).toBeNull();
  });

  test('every line of the table has as many cells as its head', () => {
    const rows = textOf()
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(10);
    expect(new Set(rows.map((line) => line.split('|').length)).size).toBe(1);
  });
});

test('outputs hold what we set, and nothing else', () => {
  expect(Object.keys(run.outputs).toSorted()).toEqual(['complete', 'findings', 'live', 'report', 'sarif']);
});

test('no secret stands anywhere, but for the masks', () => {
  const printed = run.out
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n');
  const places = [printed, run.err, run.summary, comment, JSON.stringify(run.outputs)];
  const files = [run.outputs['report'], run.outputs['sarif']].map((file) => readFileSync(file ?? '', 'utf8'));
  const sent = hosted.server.requests.map(({ path, body }) => path + body);
  const secrets = [...names.map((_, i) => sureKey(i + 1)), sureKey(90), sureKey(91), hosted.server.token];
  for (const text of [...places, ...files, ...sent])
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

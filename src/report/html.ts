import { createHash } from 'node:crypto';

import type { Finding, FindingsReport, Occurrence } from '../core/finding.ts';
import type { Rule } from '../core/rule.ts';
import { markupText } from './escape/markup.ts';
import type { ReportOptions } from './format.ts';
import { leftOutText } from './left-out.ts';
import { headline, openFindings } from './order.ts';
import { placesIn, unlistedText } from './unlisted.ts';
import { placeText } from './place.ts';
import { type ProblemGroup, groupProblems, groupTitle } from './problem-groups.ts';
import { FOCUS_MASK } from './snippet.ts';
import { byteSize, counted, day, grouped, shortId } from './words.ts';
import { verifiedText } from './verified.ts';

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--red:#c22;--amber:#b60;--green:#182}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:0}
code,pre{font:13px/1.5 ui-monospace,monospace}
pre{background:var(--soft);padding:.5rem .75rem;overflow-x:auto;border-radius:6px}
article{border:1px solid var(--line);border-left:5px solid var(--line);border-radius:8px;padding:1rem;margin:1rem 0}
article.critical,article.high{border-left-color:var(--red)}article.medium{border-left-color:var(--amber)}
mark{background:none;color:var(--red);font-weight:bold}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:.5rem 0}dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}
.bad{color:var(--red)}.doubt{color:var(--amber)}.good{color:var(--green)}
summary{cursor:pointer}`;

/** No script runs, nothing is loaded, nothing is sent; only this style applies. */
function policy(): string {
  const style = createHash('sha256').update(STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'`;
}

/** One page that stands alone and can be passed on. */
export function* html(report: FindingsReport, options: ReportOptions): Generator<string> {
  const open = openFindings(report.findings);
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n`;
  yield `<meta http-equiv="Content-Security-Policy" content="${policy()}">\n`;
  yield '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">\n';
  yield `<title>unleak: ${counted(open.length, 'secret')}</title><style>${STYLE}</style></head><body>\n`;
  yield `<h1>${verdict(open.length, report.coverage.complete)}</h1>\n`;
  for (const finding of open) yield article(finding, options.ruleOf(finding.rule));
  yield coverage(report);
  yield '</body></html>\n';
}

function verdict(count: number, complete: boolean): string {
  const gap = complete ? '' : ' <span class="doubt">— not everything could be covered</span>';
  if (count > 0) return `<span class="bad">${counted(count, 'secret')} found</span>${gap}`;
  return complete ? '<span class="good">No secrets found</span>' : `Nothing found${gap}`;
}

function article(finding: Finding, rule: Rule | undefined): string {
  const { severity, confidence, title } = finding;
  const first = headline(finding);
  const doubt = confidence === 'high' ? '' : ` (${confidence} confidence)`;
  return [
    `<article class="${severity}"><h2>${markupText(title)}</h2>`,
    `<p>${severity}${doubt}</p>`,
    first === undefined ? '' : snippet(first),
    definitions([
      ['secret', markupText(finding.redacted)],
      ['rule', code(finding.rule)],
      ['since', since(finding)],
      ['pushed', { remote: '<span class="bad">yes</span>', local: 'no', unknown: 'not known' }[finding.exposure]],
      ['verified', markupText(verifiedText(finding.verification).replace('Verified ', ''))],
      ['means', markupText(rule?.impact ?? '')],
      ['do', markupText(rule?.remediation ?? '')],
      ['dashboard', code(rule?.dashboard ?? '')],
      ['allow', code(`unleak allow ${finding.fingerprint} --reason "…"`)],
    ]),
    places(finding),
    '</article>\n',
  ].join('\n');
}

function snippet({ snippet: text = '', line }: Occurrence): string {
  if (text === '') return '';
  const masked = markupText(text).replaceAll(FOCUS_MASK, `<mark>${FOCUS_MASK}</mark>`);
  return `<pre>${line} │ ${masked}</pre>`;
}

function since({ firstSeen }: Finding): string {
  if (firstSeen === null) return '';
  return `${markupText(day(firstSeen.date))} by ${markupText(firstSeen.author)} in ${code(shortId(firstSeen.commit))}`;
}

function places(finding: Finding): string {
  const items = finding.occurrences.map((one) => `<li>${code(placeText(one))} ${introduced(one)}</li>`);
  const others = unlistedText(finding);
  if (others !== '') items.push(`<li>${markupText(others)}</li>`);
  const list = `<ul>${items.join('\n')}</ul>`;
  return `<details${items.length === 1 ? ' open' : ''}><summary>${counted(placesIn(finding), 'place')}</summary>${list}</details>`;
}

function introduced({ commit, author, authorDate }: Occurrence): string {
  if (commit === null) return '';
  const who = author === null ? '' : ` by ${markupText(author)}`;
  return `${code(shortId(commit))}${who}${authorDate === null ? '' : `, ${markupText(day(authorDate))}`}`;
}

function coverage({ coverage: covered, tool, findings }: FindingsReport): string {
  const { blobs, files, commits, bytesCovered, problems, skipped, configuration } = covered;
  const suppressed = findings.filter((finding) => finding.suppressed !== null).length;
  const amounts = [counted(files, 'file'), counted(blobs, 'blob'), counted(commits, 'commit'), byteSize(bytesCovered)];
  return `<h2>Coverage</h2>${definitions([
    ['covered', `${amounts.join(', ')} with ${counted(tool.rules, 'rule')}`],
    ['suppressed', suppressed === 0 ? '' : grouped(suppressed)],
    ...groupProblems(problems).map((group) => ['not seen', problemText(group)] as const),
    ...skipped.map(
      ({ count, reason, setBy = '' }) => ['skipped', `${grouped(count)} ${markupText(`${reason} ${setBy}`)}`] as const,
    ),
    ...configuration.map(
      ({ file, disables }) =>
        ['config', `${code(file)} leaves out ${disables.map((what) => leftOutText(what, code)).join(', ')}`] as const,
    ),
  ])}\n`;
}

function problemText(group: ProblemGroup): string {
  const title = groupTitle(group, code(group.code));
  const mend = `→ ${markupText(group.mend)}`;
  if (group.message !== '') return `${title} ${markupText(group.message)} ${mend}`;
  return [title, ...group.lines.map(markupText), mend].join('<br>');
}

function definitions(rows: readonly (readonly [term: string, html: string])[]): string {
  const said = rows.filter(([, text]) => text !== '');
  return `<dl>${said.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join('\n')}</dl>`;
}

function code(text: string): string {
  return text === '' ? '' : `<code>${markupText(text)}</code>`;
}

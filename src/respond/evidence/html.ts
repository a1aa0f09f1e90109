/** One page that holds everything it needs: no script, no request, nothing from elsewhere. */
import { createHash } from 'node:crypto';

import { withEntities } from '../../bytes/markup-entities.ts';
import { plainWord } from '../../http/redact.ts';
import { textAt } from '../../providers/path.ts';
import { type FactBlock, factBlocks } from './facts.ts';
import {
  type Evidence,
  type KeyEvidence,
  STEP_NAMES,
  type StepEvidence,
  type TimelineEvent,
  abilities,
} from './model.ts';

const STYLE = `
:root { --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --bad: #b42318; --wait: #9a6700; --good: #1a7f37; --none: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117; --bad: #ff7b72; --wait: #d29922; --good: #3fb950; --none: #9198a1; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; } h3 { font-size: 1rem; margin: 0; } h4 { font-size: .875rem; margin: .75rem 0 .25rem; color: var(--soft); }
p { margin: .25rem 0; } .soft { color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: 0 .5rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.done { color: var(--good); } .failed { color: var(--bad); } .waiting { color: var(--wait); } .open, .skipped { color: var(--none); }
ul { margin: .25rem 0; padding-left: 1.25rem; } li { overflow-wrap: anywhere; } li.inner { list-style: none; margin-left: .75rem; }
.step { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; }
.step header { display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); border-radius: .375rem; font-size: .8125rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .25rem .75rem .25rem 0; vertical-align: top; overflow-wrap: anywhere; } td:first-child { white-space: nowrap; color: var(--soft); }
.bar { display: flex; height: .875rem; margin: .75rem 0 .25rem; border-radius: .375rem; overflow: hidden; border: 1px solid var(--line); }
.bar span { display: block; min-width: .5rem; }
.legend { display: flex; flex-wrap: wrap; gap: .125rem 1.25rem; margin: 0 0 .75rem; font-size: .875rem; }
.legend i { display: inline-block; width: .75rem; height: .75rem; margin-right: .375rem; border-radius: .1875rem; }
.exposed { background: #b42318; } .answered { background: #9a6700; } .over { background: #1a7f37; }
.tail { white-space: nowrap; } ul.open-steps { list-style: none; padding: 0; } ul.open-steps li { margin: .375rem 0; } code { font-size: .875em; overflow-wrap: anywhere; }
ol.timeline { list-style: none; padding: 0; margin: 0; border-left: 2px solid var(--line); }
ol.timeline li { position: relative; padding: .125rem 0 .625rem 1.25rem; } ol.timeline li::before { content: ''; position: absolute; left: -.4rem; top: .5rem; width: .6rem; height: .6rem; border-radius: 50%; background: var(--none); }
ol.timeline .exposure::before { background: var(--bad); } ol.timeline .command::before { background: var(--wait); } ol.timeline .step-mark::before { background: var(--good); }
ol.timeline time { display: block; color: var(--soft); font-size: .8125rem; }
@media print { body { max-width: none; padding: 0; } .step { break-inside: avoid; } }
`;

/** Times as people read them; the JSON has them to the millisecond. */
function readable(text: string): string {
  return text.replaceAll(/\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z/g, '$1 $2 UTC');
}

/** Text as HTML text; nothing that came from a server or a repository gets in unescaped. */
function html(text: string): string {
  return withEntities(readable(plainWord(text, 2000)));
}

function badge(status: StepEvidence['status']): string {
  return `<span class="badge ${status}">${status}</span>`;
}

function block({ title, lines, code }: FactBlock): string {
  if (code) return `<h4>${html(title)}</h4><pre>${lines.map(html).join('\n')}</pre>`;
  const items = lines.map((line) => `<li${line.startsWith(' ') ? ' class="inner"' : ''}>${html(line)}</li>`);
  return `<h4>${html(title)}</h4><ul>${items.join('')}</ul>`;
}

function step(one: StepEvidence): string {
  const when = one.at === null ? '' : `<span class="soft">${html(one.at)}</span>`;
  const code = one.code === null || one.code === 'PERSON_NEEDED' ? '' : `<span class="soft">${html(one.code)}</span>`;
  return `<section class="step"><header><h3>${STEP_NAMES[one.step]}</h3>${badge(one.status)}${code}${when}</header><p>${html(one.reason)}</p>${factBlocks(one).map(block).join('')}</section>`;
}

function duration(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1) return 'under a minute';
  if (minutes < 60) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

interface Spans {
  readonly exposed: number;
  readonly answered: number;
  readonly over: boolean;
}

function spansOf(evidence: Evidence, key: KeyEvidence): Spans {
  const opened = Date.parse(evidence.opened);
  const last = Date.parse(evidence.timeline.at(-1)?.at ?? evidence.opened);
  const dead = key.deadSince === null ? last : Date.parse(key.deadSince);
  const exposed = Math.max(0, opened - Date.parse(key.exposedSince ?? evidence.opened));
  return { exposed, answered: Math.max(0, dead - opened), over: key.deadSince !== null };
}

/** Widths follow time. They stand in the style sheet, since the policy allows no style attribute. */
function barStyle(evidence: Evidence): string {
  const rules = evidence.keys.map((key, index) => {
    const { exposed, answered } = spansOf(evidence, key);
    const share = (size: number): number => Math.max(1, Math.round((size / Math.max(1, exposed + answered)) * 1000));
    return `.k${index} .exposed { flex-grow: ${share(exposed)}; } .k${index} .answered { flex-grow: ${share(answered)}; } .k${index} .over { flex-grow: 200; }`;
  });
  return rules.join('\n');
}

/** How long it was exposed, how long the answer took, and whether it is over. */
function bar(evidence: Evidence, key: KeyEvidence, index: number): string {
  const { exposed, answered, over } = spansOf(evidence, key);
  const known = key.exposedSince === null ? 'exposed since ?' : `exposed ${duration(exposed)}`;
  const answer = over ? `answered in ${duration(answered)}` : `not dead after ${duration(answered)}`;
  const parts = [
    ['exposed', known] as const,
    ['answered', answer] as const,
    ...(over ? [['over', 'dead'] as const] : []),
  ];
  const pieces = parts.map(([name]) => `<span class="${name}"></span>`).join('');
  const labels = parts.map(([name, label]) => `<span><i class="${name}"></i>${html(label)}</span>`).join('');
  return `<div class="bar k${index}">${pieces}</div><p class="legend">${labels}</p>`;
}

function facts(key: KeyEvidence): string {
  const { key: record } = key;
  const may = Object.entries(abilities(key)).map(([name, values]) => `${name}: ${values.join(', ')}`);
  const rows: (readonly [string, string])[] = [
    ['Found', `${record.where} (rule ${record.rule})`],
    [
      'Exposed since',
      `${key.exposedSince ?? 'not known'}${record.firstCommit === null ? '' : `, commit ${record.firstCommit}`}; when it was first pushed is not recorded by git`,
    ],
    [
      'Reached',
      record.exposure === 'remote' ? 'a remote branch' : record.exposure === 'local' ? 'no remote branch' : 'not known',
    ],
    ['On refs', record.refs.length === 0 ? '-' : record.refs.join(', ')],
    ['Dead since', key.deadSince ?? 'not confirmed'],
    ['Could', may.length === 0 ? 'the provider does not tell' : may.join('; ')],
  ];
  return `<table>${rows.map(([name, value]) => `<tr><td>${name}</td><td>${html(value)}</td></tr>`).join('')}</table>`;
}

function verdicts(key: KeyEvidence): string {
  const items = key.verdicts.map(
    ({ at, provider, status, detail }) =>
      `<li><span class="soft">${html(at)}</span> ${html(provider)}: <strong>${html(status)}</strong>, ${html(detail)}</li>`,
  );
  return items.length === 0 ? '' : `<h4>Verdicts</h4><ul>${items.join('')}</ul>`;
}

function keySection(evidence: Evidence, key: KeyEvidence, index: number): string {
  const { title, redacted, provider } = key.key;
  return `<h2>${html(title)} <span class="tail">${html(redacted)}</span> <span class="soft">${html(provider)}</span></h2>${bar(evidence, key, index)}${facts(key)}${verdicts(key)}${key.steps.map(step).join('')}`;
}

function event({ at, kind, says }: TimelineEvent): string {
  return `<li class="${kind === 'step' ? 'step-mark' : kind}"><time>${html(at)}</time>${html(says)}</li>`;
}

function openList(evidence: Evidence): string {
  if (evidence.open.length === 0) return '<p>Nothing is open.</p>';
  const items = evidence.open.map((one) => {
    const after = textAt(one.facts, 'afterwards');
    const then =
      after === null
        ? ''
        : `; then <code>unleak ${evidence.mode} --resume ${html(evidence.incident)} ${html(after)}</code>`;
    return `<li>${badge(one.status)} <strong>${STEP_NAMES[one.step]}</strong>, ${html(one.title)}: ${html(one.reason.replace(/\.$/, ''))}${then}</li>`;
  });
  return `<ul class="open-steps">${items.join('')}</ul>`;
}

/** The evidence as one HTML page under a policy that allows its own style and nothing else. */
export function evidenceHtml(evidence: Evidence): string {
  const style = `${STYLE}${barStyle(evidence)}`;
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const title = `${evidence.mode === 'rotate' ? 'Rotation' : 'Incident'} ${evidence.incident}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${html(title)} <span class="badge ${evidence.outcome === 'confirmed' ? 'done' : evidence.outcome === 'failed' ? 'failed' : 'waiting'}">${html(evidence.outcome)}</span></h1>
<p class="soft">Opened ${html(evidence.opened)} by ${html(evidence.openedBy)} with unleak ${html(evidence.version)}. Journal ends in ${html(evidence.journalHash)}.</p>
<h2>Open steps</h2>
${openList(evidence)}
${evidence.keys.map((key, index) => keySection(evidence, key, index)).join('\n')}
<h2>Timeline</h2>
<ol class="timeline">${evidence.timeline.map(event).join('')}</ol>
</body>
</html>
`;
}

import { plainWord } from '../../http/redact.ts';
import { factBlocks } from './facts.ts';
import { type Evidence, type KeyEvidence, STEP_NAMES, type StepEvidence, abilities } from './model.ts';

/** Text that Markdown, and whoever renders it, takes for nothing but text: no links, images, mentions or HTML. */
function plain(text: string): string {
  return plainWord(text, 600)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~-]/g, (char) => `\\${char}`)
    .replaceAll('@', '@\u200b')
    .replaceAll(/\b(https?):/g, '$1\u200b:');
}

function stepText(step: StepEvidence): string {
  const head = `### ${STEP_NAMES[step.step]}: ${step.status}${step.code === null ? '' : ` (${step.code})`}`;
  const blocks = factBlocks(step).map(({ title, lines, code }) =>
    code
      ? `${title}:\n\n${lines.map((line) => `    ${line}`).join('\n')}`
      : `${title}:\n\n${lines.map((line) => `${/^ */.exec(line)?.[0] ?? ''}- ${plain(line.trim())}`).join('\n')}`,
  );
  return [head, plain(step.reason), ...blocks].join('\n\n');
}

function keyText(key: KeyEvidence): string {
  const record = key.key;
  const may = Object.entries(abilities(key)).map(([name, values]) => `${name} ${values.join(', ')}`);
  const lines = [
    `- Found: ${plain(record.where)} (rule ${plain(record.rule)}, fingerprint ${record.fingerprint})`,
    `- Exposed since: ${key.exposedSince ?? 'not known'}${record.firstCommit === null ? '' : `, commit ${record.firstCommit}`}; when it was first pushed is not recorded by git`,
    `- Reached: ${record.exposure === 'remote' ? 'a remote branch' : record.exposure === 'local' ? 'no remote branch' : 'not known'}; on ${record.refs.length} refs when found${record.refs.length > 0 ? ` (${plain(record.refs.slice(0, 10).join(', '))})` : ''}`,
    `- Dead since: ${key.deadSince ?? '**not confirmed**'}`,
    ...(may.length > 0 ? [`- Could: ${plain(may.join('; '))}`] : []),
  ];
  return [`## ${plain(`${record.title} ${record.redacted}`)}`, lines.join('\n'), ...key.steps.map(stepText)].join(
    '\n\n',
  );
}

/** The evidence as Markdown. */
export function evidenceMarkdown(evidence: Evidence): string {
  const { incident, mode, outcome } = evidence;
  const open = evidence.open.map(
    ({ title, step, status, reason }) => `- **${STEP_NAMES[step]}** (${status}), ${plain(title)}: ${plain(reason)}`,
  );
  const parts = [
    `# ${mode === 'rotate' ? 'Rotation' : 'Incident'} ${incident}: ${outcome}`,
    `Opened ${evidence.opened} by ${plain(evidence.openedBy)} with unleak ${plain(evidence.version)}. Journal ends in ${evidence.journalHash}.`,
    '## Open',
    open.length > 0 ? open.join('\n') : 'Nothing.',
    ...evidence.keys.map(keyText),
    '## Timeline',
    evidence.timeline.map(({ at, says }) => `- ${at} ${plain(says)}`).join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The evidence as JSON. */
export function evidenceJson(evidence: Evidence): string {
  return `${JSON.stringify(evidence, null, 2)}\n`;
}

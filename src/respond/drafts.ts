/** Drafts of the notices of steps 5 and 6, filled with what is known. Nothing here is ever sent. */
import { textAt } from '../providers/path.ts';
import type { Target } from '../providers/registry.ts';
import type { Recorded } from './journal/entry.ts';
import { stepOf } from './memory.ts';
import { exposureWindow } from './review-step.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, waiting } from './step.ts';
import { writePrivately } from './write.ts';

interface Facts {
  readonly title: string;
  readonly lastFour: string;
  readonly found: string;
  readonly since: string;
  readonly revoked: string;
  readonly logs: string;
  readonly public: string;
}

function confirmedAt(entries: readonly Recorded[], key: LeakedKey): string {
  const step = stepOf(entries, key.record.fingerprint, 'revoke');
  if (step?.status === 'done') return `Revoked and confirmed dead at ${textAt(step.facts, 'confirmedAt') ?? step.at}.`;
  return 'NOT YET CONFIRMED DEAD. Do not send this before it is.';
}

function logWords(entries: readonly Recorded[], key: LeakedKey): string {
  const step = stepOf(entries, key.record.fingerprint, 'logs');
  return step === null ? 'The logs have not been reviewed yet.' : `Log review: ${step.reason}.`;
}

const EXPOSURE = {
  local: 'It was on no remote branch known to us.',
  remote: 'It was on a remote branch, so copies may exist elsewhere.',
  unknown: 'Whether it left this machine is not known.',
} as const;

function factsOf(services: Services, key: LeakedKey, target: Target): Facts {
  const window = exposureWindow(key, services.wire.now());
  return {
    title: target.kind.title,
    lastFour: key.record.lastFour === null ? 'not shown' : `…${key.record.lastFour}`,
    found: key.record.where,
    since: window.known ? new Date(window.from).toISOString() : 'unknown',
    revoked: confirmedAt(services.journal.entries, key),
    logs: logWords(services.journal.entries, key),
    public: EXPOSURE[key.record.exposure],
  };
}

/** To people whose messages or data the key reached. */
function notice(facts: Facts): string {
  return `Subject: A credential of ours was exposed

On [date] we found that a credential of ours (${facts.title}) had been committed to a source repository.

- Exposed since: ${facts.since}. ${facts.public}
- ${facts.revoked}
- ${facts.logs}

[What this means for you: which messages or data of yours the credential could reach, and whether we found signs that anybody used it.]

[What you should do, if anything: for example, distrust messages from us between the two times above.]

[Who answers questions, and how.]
`;
}

/** To the provider's support. */
function ticket(facts: Facts, target: Target): string {
  return `To: ${target.provider.support.how}${target.provider.support.url === undefined ? '' : ` (${target.provider.support.url})`}
Subject: Compromised ${facts.title}, last four characters ${facts.lastFour}

A ${facts.title} of our account was exposed in a source repository.

- Last four characters: ${facts.lastFour}
- Exposed since: ${facts.since}. ${facts.public}
- ${facts.revoked}
- ${facts.logs}

Please look into it from your side:
1. From which addresses was this key used since the time above?
2. Was anything sent, created or changed with it that our own logs do not show?
3. Please confirm that the key, and every session opened with it, is invalid.

Account: [account name or number]
Contact: [name, telephone]
`;
}

function draftName(key: LeakedKey, what: string): string {
  return `${what}-${key.record.fingerprint.slice(0, 8)}.txt`;
}

/** Step 5: a notice to those affected. A person decides whether, to whom, and in which words. */
export function draftNotice(services: Services, key: LeakedKey, target: Target): StepEnd {
  const file = draftName(key, 'notice');
  writePrivately(services.folder, file, notice(factsOf(services, key, target)));
  return waiting('PERSON_NEEDED', 'A draft is ready; a person decides whether it is sent', {
    draft: file,
    afterwards: '--done notify',
  });
}

/** Step 6: a ticket for the provider's support. */
export function draftTicket(services: Services, key: LeakedKey, target: Target): StepEnd {
  const file = draftName(key, 'support');
  writePrivately(services.folder, file, ticket(factsOf(services, key, target), target));
  const { how, url } = target.provider.support;
  return waiting('PERSON_NEEDED', `A draft is ready for: ${how}`, {
    draft: file,
    link: url ?? null,
    afterwards: '--done support',
  });
}

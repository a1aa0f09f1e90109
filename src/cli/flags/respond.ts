import { UsageError } from '../../errors/usage.ts';
import { STEPS, type StepName } from '../../respond/journal/entry.ts';
import { type Flag, countFlag, listFlag, switchFlag, textFlag } from './flag.ts';

export const REPO = textFlag({
  name: 'repo',
  group: 'What is read',
  summary: 'repository the values are read from again (default: the current one)',
  value: 'PATH',
});

export const SECRET_FD = countFlag({
  name: 'secret-fd',
  group: 'What is read',
  summary: 'file descriptor that gives the leaked value, where it cannot be read again',
  value: 'N',
  least: 0,
  most: 1024,
});

export const FINDING = listFlag({
  name: 'finding',
  group: 'What counts',
  summary: 'only these findings (ids, or their first eight characters)',
  value: 'ID',
});

/** `ID=URL` or `ID.BASE=URL`; commas belong to URLs, so it is repeated. */
export const PROVIDER_URL: Flag<ReadonlyMap<string, string>> = {
  name: 'provider-url',
  group: 'Providers',
  summary: 'address of a provider, as ID=URL or ID.BASE=URL; repeatable',
  value: 'ID=URL',
  read(given) {
    const pairs = (given ?? []).map((text): [string, string] => {
      const [, id = '', url = ''] = /^([a-z0-9-]+(?:\.[a-z]+)?)=(.+)$/.exec(text) ?? [];
      if (id === '') throw new UsageError('USAGE_ARGUMENTS', `--provider-url cannot be ${JSON.stringify(text)}`);
      return [id, url];
    });
    return new Map(pairs);
  },
};

export const PROVIDERS_FILE = textFlag({
  name: 'providers-file',
  group: 'Providers',
  summary: 'your own providers file (default: in your configuration folder)',
  value: 'FILE',
});

export const CREDENTIALS_FD = countFlag({
  name: 'credentials-fd',
  group: 'Providers',
  summary: 'file descriptor that gives operator credentials as a JSON object of variable names',
  value: 'N',
  least: 0,
  most: 1024,
});

export const TIMEOUT = countFlag({
  name: 'timeout',
  group: 'Providers',
  summary: 'seconds a provider may take to answer (default: 15)',
  value: 'SECONDS',
  least: 1,
  most: 600,
});

export const VERIFY = switchFlag({
  name: 'verify',
  group: 'Providers',
  summary: 'ask the providers which findings are alive, when the scan is over (read-only requests)',
});

export const PROVIDER_FLAGS = [PROVIDER_URL, PROVIDERS_FILE, CREDENTIALS_FD, TIMEOUT] as const;

export const PLAN = switchFlag({
  name: 'plan',
  group: 'Responding',
  summary: 'show the plan and change nothing',
});

export const YES = switchFlag({
  name: 'yes',
  short: 'y',
  group: 'Responding',
  summary: 'ask nothing; together with --allow-revoke',
});

export const ALLOW_REVOKE = listFlag({
  name: 'allow-revoke',
  group: 'Responding',
  summary: 'providers whose keys may be revoked without a question',
  value: 'PROVIDER',
});

export const MAX_REVOCATIONS = countFlag({
  name: 'max-revocations',
  group: 'Responding',
  summary: 'keys one run may revoke (default: 1)',
  value: 'N',
  least: 1,
  most: 1000,
});

export const ACCEPT_COLLATERAL = switchFlag({
  name: 'accept-collateral',
  group: 'Responding',
  summary: 'revoke although something else dies with the key',
});

export const IN_USE_OK = switchFlag({
  name: 'in-use-ok',
  group: 'Responding',
  summary: 'revoke although a named store gives the key out at present',
});

const DURATION = /^(\d{1,6})(s|m|h|d)?$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Milliseconds; undefined without the option. */
function durationFlag(name: string, summary: string): Flag<number | undefined> {
  return {
    name,
    group: 'Responding',
    summary,
    value: 'TIME',
    read(given) {
      const text = given?.at(-1);
      if (text === undefined) return undefined;
      const [, number, unit = 's'] = DURATION.exec(text) ?? [];
      if (number === undefined) throw new UsageError('USAGE_ARGUMENTS', `--${name} cannot be ${JSON.stringify(text)}`);
      return Number(number) * (SECONDS[unit] ?? 1) * 1000;
    },
  };
}

export const WAIT = durationFlag('wait', 'wait so long for a person to revoke, and go on by itself: 90s, 30m, 2h');

export const CONFIRM_WITHIN = durationFlag(
  'confirm-within',
  'how long a provider may take to act on its own answer (default: as docs/PROVIDERS.md says)',
);

/** Values as they were given: a path may hold commas. */
function repeatedFlag(name: string, summary: string, value: string): Flag<readonly string[]> {
  return { name, group: 'Responding', summary, value, read: (given) => given ?? [] };
}

export const HAND_OVER = repeatedFlag(
  'hand-over',
  'where the new key goes: file:PATH (a new file), store:NAME of your providers file, or stdout; repeatable, written in this order',
  'TARGET',
);

export const OVERWRITE = switchFlag({
  name: 'overwrite',
  group: 'Responding',
  summary: 'write the new key to a store also if it holds something else than the old one',
});

export const ROLL_BACK = switchFlag({
  name: 'roll-back',
  group: 'Responding',
  summary: 'with --resume: put the old key back into every store, and delete the new one',
});

export const SEARCH = repeatedFlag(
  'search',
  'folder or repository that is searched for the old key, with its history, before that dies; repeatable',
  'DIR',
);

export const GRACE = durationFlag('grace', 'how long the old key lives on after the last write: 30m, 24h, 7d');

export const STILL_USED_OK = switchFlag({
  name: 'still-used-ok',
  group: 'Responding',
  summary: 'revoke although the old key is still used somewhere, or not all could be searched; recorded',
});

export const LOGS = textFlag({
  name: 'logs',
  group: 'Responding',
  summary: 'exported log (CSV or JSON) for step 3, instead of the provider’s API',
  value: 'FILE',
});

export const QUOTA = countFlag({
  name: 'quota',
  group: 'Responding',
  summary: 'messages a month that your plan allows',
  value: 'N',
  least: 1,
  most: 999_999_999,
});

export const OWN = listFlag({
  name: 'own',
  group: 'Responding',
  summary: 'addresses and countries you send from',
  value: 'IP',
});

export const EVIDENCE = textFlag({
  name: 'evidence',
  group: 'Responding',
  summary: 'folder for the evidence (default: the incident’s own)',
  value: 'DIR',
});

export const RESUME = textFlag({ name: 'resume', group: 'Responding', summary: 'go on with an incident', value: 'ID' });

export const LIST = switchFlag({ name: 'list', group: 'Responding', summary: 'list incidents, newest first' });

export const TAKE_OVER = switchFlag({
  name: 'take-over',
  group: 'Responding',
  summary: 'go on with an incident of another user; recorded',
});

export const REPLAN = switchFlag({
  name: 'replan',
  group: 'Responding',
  summary: 'make a new plan when going on, such as after giving a credential',
});

export const DEPLOYED = switchFlag({
  name: 'deployed',
  group: 'Responding',
  summary: 'the new key is deployed everywhere: the old one may die',
});

function stepNamed(flag: string, text: string): StepName {
  const step = STEPS.find((name, index) => name === text || String(index + 1) === text);
  if (step === undefined)
    throw new UsageError('USAGE_ARGUMENTS', `--${flag} cannot be ${JSON.stringify(text)}`, {
      mend: `Name one of ${STEPS.join(', ')}.`,
    });
  return step;
}

export const DONE: Flag<readonly StepName[]> = {
  name: 'done',
  group: 'Responding',
  summary: 'a step that a person has done: replace, logs, assess, notify, support or audit',
  value: 'STEP',
  read: (given) => (given ?? []).flatMap((text) => text.split(',')).map((text) => stepNamed('done', text)),
};

export const SKIP: Flag<ReadonlyMap<StepName, string>> = {
  name: 'skip',
  group: 'Responding',
  summary: 'leave a step out, with the reason; repeatable',
  value: 'STEP=REASON',
  read(given) {
    const pairs = (given ?? []).map((text): [StepName, string] => {
      const [, step = '', reason = ''] = /^([a-z0-9]+)=(.+)$/s.exec(text) ?? [];
      if (reason === '')
        throw new UsageError('USAGE_ARGUMENTS', '--skip needs a reason', { mend: 'Write --skip STEP=REASON.' });
      return [stepNamed('skip', step), reason];
    });
    return new Map(pairs);
  },
};

export const NOTIFY_WEBHOOK = textFlag({
  name: 'notify-webhook',
  group: 'Responding',
  summary: 'https address that is told when a person is needed and when a key is dead',
  value: 'URL',
});

export const KIND = textFlag({
  name: 'kind',
  group: 'What is read',
  summary: 'kind of the key to rotate, such as turbosmtp-pair (docs/PROVIDERS.md)',
  value: 'KIND',
});

export const FROM_ENV = listFlag({
  name: 'from-env',
  group: 'What is read',
  summary: 'variables that hold the parts of the old key',
  value: 'PART=NAME',
});

export const FROM = textFlag({
  name: 'from',
  group: 'What is read',
  summary: 'exported log: CSV or JSON',
  value: 'FILE',
});

export const SINCE = textFlag({
  name: 'since',
  group: 'What is read',
  summary: 'beginning of the window: a date, or so long ago as 24h or 7d (default: 24h)',
  value: 'TIME',
});

export const ASK = switchFlag({
  name: 'ask',
  group: 'Providers',
  summary: 'send the adapter’s list request, and say how many keys it shows',
});

export const RESPOND_FLAGS = [
  REPO,
  SECRET_FD,
  FINDING,
  PLAN,
  YES,
  ALLOW_REVOKE,
  MAX_REVOCATIONS,
  ACCEPT_COLLATERAL,
  IN_USE_OK,
  WAIT,
  CONFIRM_WITHIN,
  HAND_OVER,
  OVERWRITE,
  LOGS,
  QUOTA,
  OWN,
  DONE,
  SKIP,
  RESUME,
  LIST,
  TAKE_OVER,
  REPLAN,
  EVIDENCE,
  NOTIFY_WEBHOOK,
  ...PROVIDER_FLAGS,
] as const;

export const ROTATE_FLAGS = [
  KIND,
  FROM_ENV,
  PLAN,
  YES,
  ALLOW_REVOKE,
  ACCEPT_COLLATERAL,
  CONFIRM_WITHIN,
  HAND_OVER,
  OVERWRITE,
  SEARCH,
  GRACE,
  STILL_USED_OK,
  DONE,
  DEPLOYED,
  RESUME,
  REPLAN,
  ROLL_BACK,
  TAKE_OVER,
  EVIDENCE,
  ...PROVIDER_FLAGS,
] as const;

import { ActionError } from '../errors/action.ts';
import { FILE_ENDINGS } from './files.ts';
import type { Environment } from './runner.ts';

/** Which findings make the run fail. What could not be covered always does. */
export const FAIL_ON = ['any', 'live', 'new', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** What `with:` may say; `action.yml` describes each, and a test holds both together. */
export interface Inputs {
  readonly token: string;
  /** Rule sets by name, or files and folders of the repository. */
  readonly rules: readonly string[];
  /** A file of the repository; its own baseline otherwise. */
  readonly baseline: string | null;
  /** Of the file that the output `report` names. */
  readonly format: string;
  readonly failOn: FailOn;
  readonly comment: boolean;
  readonly uploadSarif: boolean;
  readonly verify: boolean;
  /** Providers whose keys may be revoked. */
  readonly revoke: readonly string[];
  /** The protected environment that the job must run in to revoke. */
  readonly environment: string | null;
}

/** @throws ActionError `ACTION_INPUT` */
export function readInputs(environment: Environment): Inputs {
  const text = (name: string): string => (environment[variable(name)] ?? '').trim();
  const failOn = choice('fail-on', text('fail-on') || 'any', FAIL_ON);
  const verify = flag('verify', text('verify'), false);
  if (failOn === 'live' && !verify)
    throw new ActionError('ACTION_INPUT', '`fail-on: live` needs `verify: true`: nobody asked the providers');
  return {
    token: text('token'),
    rules: list(text('rules')),
    baseline: text('baseline') || null,
    format: choice('format', text('format') || 'json', Object.keys(FILE_ENDINGS)),
    failOn,
    comment: flag('comment', text('comment'), true),
    uploadSarif: flag('upload-sarif', text('upload-sarif'), false),
    verify,
    revoke: list(text('revoke')),
    environment: text('environment') || null,
  };
}

/** As the runner hands inputs over: spaces become underscores, hyphens stay. */
function variable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}

function list(text: string): readonly string[] {
  return text.split(/[,\n]/).flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

function flag(name: string, text: string, fallback: boolean): boolean {
  if (text === '') return fallback;
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  throw new ActionError('ACTION_INPUT', `\`${name}\` cannot be ${JSON.stringify(text)}: write true or false`);
}

function choice<C extends string>(name: string, text: string, choices: readonly C[]): C {
  const found = choices.find((one) => one === text);
  if (found !== undefined) return found;
  throw new ActionError(
    'ACTION_INPUT',
    `\`${name}\` cannot be ${JSON.stringify(text)}: choose one of ${choices.join(', ')}`,
  );
}

import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

import { ActionError } from '../errors/action.ts';
import { commandMessage, commandProperty, withoutCommands } from '../report/escape/workflow-command.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How the Action speaks to the runner that started it: lines it obeys, and files it reads afterwards. */
export interface Runner {
  readonly environment: Environment;
  /** Text for people. Nothing in it is taken for a command. */
  print(text: string): void;
  /** Text in which everything of others is escaped already, and which may hold commands. */
  raw(text: string): void;
  /** An annotation, or another command. Values may be anything. */
  command(name: string, properties: Readonly<Record<string, string>>, message: string): void;
  /** Has the runner replace a value by `***` in everything printed from now on. One line, 12 characters or more. */
  mask(value: string): void;
  output(name: string, value: string): void;
  /** Kept for the step that runs when the job ends. */
  state(name: string, value: string): void;
  summary(markdown: string): void;
}

/**
 * @param environment - of the process
 * @param write - standard output
 */
export function createRunner(environment: Environment, write: (text: string) => void): Runner {
  const isRunner = environment['GITHUB_ACTIONS'] === 'true';
  return {
    environment,
    raw: write,
    print: (text) => write(withoutCommands(text)),
    command(name, properties, message) {
      const written = Object.entries(properties).map(([key, value]) => `${key}=${commandProperty(value)}`);
      write(`::${name}${written.length > 0 ? ` ${written.join(',')}` : ''}::${commandMessage(message)}\n`);
    },
    mask(value) {
      // To anything but a runner this line would be the secret in clear.
      if (isRunner) write(`::add-mask::${maskData(value)}\n`);
    },
    output: (name, value) => append(environment, 'GITHUB_OUTPUT', assignment(name, value)),
    state: (name, value) => append(environment, 'GITHUB_STATE', assignment(name, value)),
    summary: (markdown) => append(environment, 'GITHUB_STEP_SUMMARY', `${markdown}\n`),
  };
}

/** Unlike a message, a mask must arrive byte for byte. */
function maskData(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The long form, so that a value with line breaks sets nothing else. */
function assignment(name: string, value: string): string {
  const end = `unleak-${randomUUID()}`;
  return `${name}<<${end}\n${value}\n${end}\n`;
}

/** A runner too old to have the file loses the text, not the verdict. */
function append(environment: Environment, name: string, text: string): void {
  const file = environment[name];
  if (file !== undefined && file !== '') appendFileSync(file, text);
}

/** A variable that every runner sets. @throws ActionError `ACTION_ENVIRONMENT` */
export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new ActionError('ACTION_ENVIRONMENT', `${name} is not set`);
  return value;
}

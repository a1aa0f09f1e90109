/** The built Action, run as a runner runs it: environment, event file, and files that it writes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { GitHubServer } from './github-server.ts';
import { GIT_ENVIRONMENT, type TestRepository, makeFolder, makeRepository } from './repository.ts';

export const ACTION = fileURLToPath(new URL('../../dist/action/index.cjs', import.meta.url));

if (!existsSync(ACTION)) throw new Error('The Action is not built; run `npm run build` (npm test does).');

export interface ActionRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** Names in the runner's folder for temporary files after the step. */
  readonly left: readonly string[];
  /** That folder. */
  readonly temporary: string;
}

export interface ActionOptions {
  readonly event: string;
  readonly payload: unknown;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Folder that an earlier step checked the repository out to. Default: an empty one. */
  readonly workspace?: string;
  readonly temporary?: string;
  /** A node other than the one that runs the tests. */
  readonly node?: string;
}

/** A repository on a fake GitHub, with pull requests. */
export class Hosted {
  readonly server: GitHubServer;
  /** As the server has it. */
  readonly repository: TestRepository;
  readonly name = 'acme/mailer';

  constructor(server: GitHubServer, repository: TestRepository) {
    this.server = server;
    this.repository = repository;
  }

  /** Pushes what a working copy has. */
  push(from: TestRepository, ...refspecs: readonly string[]): void {
    from.git('push', '-q', '--force', this.repository.folder, ...refspecs);
  }

  /** What GitHub sends about a pull request from `head` into `base`. */
  pullRequest(head: string, base: string, more: PullRequestFacts = {}): Record<string, unknown> {
    const { number = 7, comments = 0, commits = 1, fork = false, title = 'A change', branch = 'topic' } = more;
    const other = fork ? 'stranger/mailer' : this.name;
    return {
      action: 'synchronize',
      number,
      pull_request: {
        number,
        title,
        comments,
        commits,
        head: { sha: head, ref: branch, repo: { full_name: other } },
        base: { sha: base, ref: 'main', repo: { full_name: this.name } },
      },
      repository: { full_name: this.name, default_branch: 'main' },
    };
  }

  pushed(ref: string, before: string, after: string, commits = 1): Record<string, unknown> {
    return {
      ref,
      before,
      after,
      deleted: /^0+$/.test(after),
      commits: Array.from({ length: commits }, () => ({})),
      repository: { full_name: this.name, default_branch: 'main' },
    };
  }

  async run(options: ActionOptions): Promise<ActionRun> {
    const runner = makeFolder('runner');
    const temporary = options.temporary ?? path.join(runner, 'temp');
    const workspace = options.workspace ?? path.join(runner, 'workspace');
    for (const folder of [temporary, workspace]) mkdirSync(folder, { recursive: true });
    const files = { GITHUB_OUTPUT: 'output', GITHUB_STATE: 'state', GITHUB_STEP_SUMMARY: 'summary' };
    const named = Object.entries(files).map(([name, file]): [string, string] => [name, path.join(runner, file)]);
    for (const [, file] of named) writeFileSync(file, '');
    const event = path.join(runner, 'event.json');
    writeFileSync(event, JSON.stringify(options.payload));
    const inputs = { token: this.server.token, ...options.inputs };
    const { code, out, err } = await finished(options.node ?? process.execPath, workspace, {
      ...GIT_ENVIRONMENT,
      GITHUB_ACTIONS: 'true',
      CI: 'true',
      GITHUB_EVENT_NAME: options.event,
      GITHUB_EVENT_PATH: event,
      GITHUB_REPOSITORY: this.name,
      GITHUB_SERVER_URL: this.server.url,
      GITHUB_API_URL: this.server.apiUrl,
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: temporary,
      ...Object.fromEntries(named),
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...options.environment,
    });
    return {
      code,
      out,
      err,
      summary: readFileSync(path.join(runner, 'summary'), 'utf8'),
      outputs: assignments(path.join(runner, 'output')),
      state: assignments(path.join(runner, 'state')),
      left: readdirSync(temporary, { recursive: true, encoding: 'utf8' }),
      temporary,
    };
  }
}

export interface PullRequestFacts {
  readonly number?: number;
  readonly comments?: number;
  readonly commits?: number;
  readonly fork?: boolean;
  readonly title?: string;
  readonly branch?: string;
}

/** A server with one repository, `acme/mailer`. */
export async function host(): Promise<Hosted> {
  const root = makeFolder('server');
  const repository = makeRepository({ bare: true, folder: path.join(root, 'acme', 'mailer') });
  repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  repository.git('config', 'uploadpack.allowFilter', 'true');
  return new Hosted(await new GitHubServer(root).listen(), repository);
}

/** Starts it without blocking: the server is in this process. */
function finished(
  node: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [ACTION], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject).on('close', (code) => resolve({ code, out, err }));
  });
}

/** Reads `name<<end … end` as the runner does. */
function assignments(file: string): Record<string, string> {
  const found = readFileSync(file, 'utf8').matchAll(/^([\w-]+)<<(.+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]));
}

/** What `actions/checkout` leaves: a clone of so many commits. */
export function checkout(hosted: Hosted, commit: string, depth: number | null): string {
  const folder = makeFolder('checkout');
  const clone = makeRepository({ folder });
  const url = `file://${hosted.repository.folder}`;
  clone.git('fetch', '-q', '--no-tags', ...(depth === null ? [] : [`--depth=${depth}`]), url, commit);
  clone.git('checkout', '-q', '--detach', 'FETCH_HEAD');
  return folder;
}

import type { GitHub } from '../github/client.ts';
import { VERSION } from '../session/version.ts';
import type { Inputs } from './inputs.ts';
import { noteLine, note } from './note.ts';
import { repositoryName, serverUrl } from './remote.ts';
import { type Runner, required } from './runner.ts';

/** Octokit is a third of what the Action could load, and most runs have nothing to ask. */
export async function githubFor(runner: Runner, { token }: Inputs, signal: AbortSignal): Promise<GitHub> {
  const { createGitHub } = await import('../github/client.ts');
  const { environment } = runner;
  return createGitHub({
    token,
    apiUrl: serverUrl(required(environment, 'GITHUB_API_URL')).href.replace(/\/$/, ''),
    repository: repositoryName(environment),
    userAgent: `unleak-action/${VERSION}`,
    say: (text) => runner.print(noteLine(note(text))),
    signal,
  });
}

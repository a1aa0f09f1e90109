import type { CredentialKind, Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, writes } from './shorthand.ts';

const REVOKE = documented('https://docs.github.com/en/rest/credentials/revoke');
const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

const TOKEN: CredentialKind = {
  id: 'github-token',
  title: 'GitHub token',
  parts: {},
  probes: [
    {
      call: asks(
        documented('https://docs.github.com/en/rest/users/users#get-the-authenticated-user'),
        'get-user',
        'GET /user',
        {
          auth: bearer('{secret}'),
          headers: HEADERS,
          errorAt: ['message'],
          answers: [
            LIVE({ as: 'scopes', header: 'x-oauth-scopes' }, { as: 'account', at: 'login' }),
            means(401, 'refused'),
            // Both limits answer 403 as well, to good tokens and bad.
            means(403, 'unknown', { text: 'rate limit' }),
            means(403, 'live-limited'),
          ],
        },
      ),
    },
  ],
  identify: { by: 'derived', part: 'secret' },
  revoke: {
    kind: 'automatic',
    ways: [
      {
        // "Any authenticated requests will return a 403."
        spends: 'nothing',
        // "A list of credentials to be revoked, up to 1000 per request"; 60 requests an hour.
        most: 1000,
        calls: [
          writes(REVOKE, 'revoke-credentials', 'POST /credentials/revoke', {
            auth: { kind: 'none' },
            headers: HEADERS,
            body: { kind: 'json', value: { credentials: ['{secret}'] } },
            errorAt: ['message'],
            answers: [means(202, 'ok'), means(403, 'denied'), means(422, 'failed')],
          }),
        ],
      },
    ],
  },
  order: 'revoke-first',
  settlesWithin: 120,
  collateral: [],
  mints: [
    {
      what: 'Commits, releases and packages pushed with it',
      outlives: true,
      guide: 'Compare branches, tags, releases and packages with your own record of pushes.',
    },
    {
      what: 'Deploy keys, SSH and GPG keys, webhooks, further tokens of apps, Actions secrets and variables',
      outlives: true,
      guide: 'Settings, Security log (user) or Audit log (organization): filter by the exposure window.',
    },
    {
      what: 'Workflow files changed to read other secrets',
      outlives: true,
      guide: 'Look at every change under .github/workflows in the window, on every branch.',
    },
  ],
  dashboard: {
    url: 'https://github.com/settings/tokens',
    revoke: ['Open the token whose name or last use fits.', 'Click Delete and confirm.'],
    create: ['Click Generate new token, prefer a fine-grained one, give it an expiry and only what it needs.'],
    recognise: 'The list shows name, scopes and last use of each token, no part of its value.',
    warning: 'GitHub cannot reactivate a revoked token, and its owner is told by e-mail.',
    ...documented(
      'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens',
    ),
  },
};

export const GITHUB: Provider = {
  id: 'github',
  title: 'GitHub',
  bases: { main: 'https://api.github.com' },
  kinds: [TOKEN],
  support: {
    how: 'support.github.com',
    url: 'https://support.github.com',
    ...documented('https://docs.github.com/en/support'),
  },
  unpublished: ['installation tokens (ghs_) among the kinds that /credentials/revoke takes'],
};

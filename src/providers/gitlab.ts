import type { Provider } from './declaration.ts';
import { LIVE, asks, documented, header, means, writes } from './shorthand.ts';

const PAT = documented('https://docs.gitlab.com/api/personal_access_tokens/');
const AUTH = header('private-token', '{secret}');

export const GITLAB: Provider = {
  id: 'gitlab',
  title: 'GitLab',
  bases: { main: 'https://gitlab.com/api/v4' },
  kinds: [
    {
      id: 'gitlab-pat',
      title: 'GitLab personal access token',
      parts: {},
      probes: [
        {
          call: asks(PAT, 'get-self', 'GET /personal_access_tokens/self', {
            auth: AUTH,
            errorAt: ['error', 'message'],
            answers: [
              LIVE({ as: 'scopes', at: 'scopes' }, { as: 'name', at: 'name' }),
              means(401, 'refused'),
              means(403, 'live-limited', { at: 'error', is: 'insufficient_scope' }),
            ],
          }),
        },
      ],
      identify: { by: 'derived', part: 'secret' },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'leaked',
            calls: [
              writes(PAT, 'revoke-self', 'DELETE /personal_access_tokens/self', {
                auth: AUTH,
                errorAt: ['error', 'message'],
                answers: [means(204, 'ok'), means(401, 'not-found'), means(403, 'denied'), means(400, 'failed')],
              }),
            ],
          },
        ],
      },
      order: 'revoke-first',
      settlesWithin: 60,
      collateral: [],
      mints: [
        {
          what: 'A rotated successor: POST …/self/rotate gives a new token and kills the old one',
          outlives: true,
          guide:
            'If the token was dead before you acted, look for a successor of the same name among the active tokens.',
        },
        {
          what: 'Deploy tokens, project and group tokens, SSH keys, runners, webhooks, pushes and packages',
          outlives: true,
          guide: 'Audit events of the groups and projects it reached, in the exposure window.',
        },
      ],
      dashboard: {
        url: 'https://gitlab.com/-/user_settings/personal_access_tokens',
        revoke: ['Find the token by name and last use among the active ones.', 'Click Revoke and confirm.'],
        create: ['Click Add new token, with the same scopes and an expiry.'],
        recognise: 'The list shows names, scopes and dates, no part of the value.',
        ...documented('https://docs.gitlab.com/user/profile/personal_access_tokens/'),
      },
    },
  ],
  support: {
    how: 'about.gitlab.com/support',
    url: 'https://about.gitlab.com/support/',
    ...documented('https://about.gitlab.com/support/'),
  },
  unpublished: [],
};

import type { Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, observed, writes } from './shorthand.ts';

export const DIGITALOCEAN: Provider = {
  id: 'digitalocean',
  title: 'DigitalOcean',
  bases: { main: 'https://api.digitalocean.com', oauth: 'https://cloud.digitalocean.com' },
  kinds: [
    {
      id: 'digitalocean-token',
      title: 'DigitalOcean token',
      parts: {},
      probes: [
        {
          call: asks(
            observed('https://docs.digitalocean.com/reference/api/, as other scanners ask it'),
            'get-account',
            'GET /v2/account',
            {
              auth: bearer('{secret}'),
              errorAt: ['id', 'message'],
              answers: [LIVE({ as: 'account', at: 'account.uuid' }), means(401, 'refused'), means(403, 'live-limited')],
            },
          ),
        },
      ],
      identify: { by: 'derived', part: 'secret' },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'leaked',
            calls: [
              writes(
                observed(
                  'https://docs.digitalocean.com/reference/api/oauth names it for OAuth tokens; the vendor’s own command-line tool and others send it personal tokens',
                ),
                'oauth-revoke',
                'POST /v1/oauth/revoke',
                {
                  base: 'oauth',
                  auth: bearer('{secret}'),
                  body: { kind: 'form', value: { token: '{secret}' } },
                  errorAt: ['error', 'message'],
                  answers: [means(200, 'ok'), means([401, 403], 'denied')],
                },
              ),
            ],
          },
        ],
      },
      order: 'revoke-first',
      settlesWithin: 120,
      collateral: [],
      mints: [
        {
          what: 'Droplets, SSH keys, database users, Spaces keys, domains',
          outlives: true,
          guide: 'Security history of the account, and each list, newest first.',
        },
      ],
      dashboard: {
        url: 'https://cloud.digitalocean.com/account/api/tokens',
        revoke: ['Find the token by name and last use.', 'Open More, click Delete and confirm.'],
        create: ['Click Generate New Token, with the same scopes and an expiry.'],
        recognise: 'The list shows names and dates, no part of the value.',
        ...documented('https://docs.digitalocean.com/reference/api/create-personal-access-token/'),
      },
    },
  ],
  support: {
    how: 'digitalocean.com/support',
    url: 'https://www.digitalocean.com/support',
    ...documented('https://docs.digitalocean.com/support/'),
  },
  unpublished: [],
};

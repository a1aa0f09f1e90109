import type { Auth, Provider } from './declaration.ts';
import { LIVE, asks, documented, means, reads, writes } from './shorthand.ts';

const SECRETS = documented('https://developer.vonage.com/en/account/secret-management');
const CALLER: Auth = { kind: 'basic', user: '{apiKey}', password: '{caller}' };
const ERROR_AT = ['type', 'title'];

export const VONAGE: Provider = {
  id: 'vonage',
  title: 'Vonage',
  bases: { main: 'https://api.nexmo.com' },
  kinds: [
    {
      id: 'vonage-pair',
      title: 'Vonage API key and secret',
      parts: { apiKey: ['vonage-api-key'] },
      open: ['apiKey'],
      probes: [
        {
          call: asks(SECRETS, 'list-secrets-as-pair', 'GET /accounts/{apiKey}/secrets', {
            auth: { kind: 'basic', user: '{apiKey}', password: '{secret}' },
            errorAt: ERROR_AT,
            answers: [LIVE(), means(401, 'refused')],
          }),
        },
      ],
      // The list has ids and dates, no part of a value. With a single secret there is no question which one it is.
      identify: { by: 'only' },
      listing: {
        call: reads(SECRETS, 'list-secrets', 'GET /accounts/{apiKey}/secrets', {
          auth: CALLER,
          errorAt: ERROR_AT,
          answers: [means(200, 'ok', { at: '_embedded.secrets', present: true }), means([401, 403], 'denied')],
        }),
        items: '_embedded.secrets',
        id: 'id',
        label: 'id',
        createdAt: 'created_at',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'leaked',
            calls: [
              writes(SECRETS, 'revoke-secret', 'DELETE /accounts/{apiKey}/secrets/{id}', {
                auth: CALLER,
                errorAt: ERROR_AT,
                // The last secret of an account cannot go: 403.
                answers: [means(204, 'ok'), means(404, 'not-found'), means([401, 403], 'denied')],
              }),
            ],
          },
        ],
      },
      create: {
        spends: 'leaked',
        call: writes(SECRETS, 'create-secret', 'POST /accounts/{apiKey}/secrets', {
          auth: CALLER,
          body: { kind: 'json', value: { secret: '{newSecret}' } },
          errorAt: ERROR_AT,
          answers: [means(201, 'ok'), means(400, 'failed'), means([401, 403], 'denied')],
        }),
        gives: { secret: '' },
        id: 'id',
        chooses: { name: 'newSecret', length: 24 },
      },
      order: 'create-first',
      settlesWithin: 120,
      collateral: [],
      limits: { keys: 2, ...SECRETS },
      mints: [
        {
          what: 'Sub-accounts, applications with keys of their own, numbers bought',
          outlives: true,
          guide: 'Each list in the dashboard: applications stay valid when the secret is gone.',
        },
        {
          what: 'Messages and calls, at the cost of the balance',
          outlives: false,
          guide: 'Reports of the exposure window.',
        },
      ],
      dashboard: {
        url: 'https://dashboard.nexmo.com/settings',
        revoke: ['Create a second secret and deploy it everywhere.', 'Then revoke the older one.'],
        create: ['Open API settings and add a secret; there are two at most.'],
        recognise: 'Secrets are listed by date.',
        ...SECRETS,
      },
    },
  ],
  support: {
    how: 'api.support.vonage.com',
    url: 'https://api.support.vonage.com',
    ...documented('https://api.support.vonage.com'),
  },
  unpublished: [],
};

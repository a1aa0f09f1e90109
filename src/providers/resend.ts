import type { Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, reads, writes } from './shorthand.ts';

const API = documented('https://github.com/resend/resend-openapi');
const ERRORS = documented('https://resend.com/docs/api-reference/errors');
const CALLER = bearer('{caller}');
const ERROR_AT = ['name', 'message'];

export const RESEND: Provider = {
  id: 'resend',
  title: 'Resend',
  bases: { main: 'https://api.resend.com' },
  operator: {
    sets: [[{ name: 'caller', env: 'RESEND_OPERATOR_KEY', secret: true, says: 'a key with full access' }]],
  },
  kinds: [
    {
      id: 'resend-key',
      title: 'Resend API key',
      parts: {},
      probes: [
        {
          // The usual reading of 401 and 403 is inverted here: go by the name of the error.
          call: asks(ERRORS, 'list-api-keys-as-key', 'GET /api-keys', {
            auth: bearer('{secret}'),
            errorAt: ERROR_AT,
            answers: [
              LIVE({ as: 'permission', value: 'full_access' }),
              {
                status: 401,
                where: [{ at: 'name', is: 'restricted_api_key' }],
                means: 'live-limited',
                learn: [{ as: 'permission', value: 'sending_access' }],
              },
              means([400, 401, 403], 'refused', { at: 'name', is: 'invalid_api_key' }),
            ],
          }),
        },
      ],
      // A list of names and dates; nothing in it is part of the value.
      identify: { by: 'person' },
      listing: {
        call: reads(API, 'list-api-keys', 'GET /api-keys', {
          auth: CALLER,
          errorAt: ERROR_AT,
          answers: [means(200, 'ok', { at: 'data', present: true }), means([401, 403], 'denied')],
        }),
        items: 'data',
        id: 'id',
        label: 'name',
        createdAt: 'created_at',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'operator',
            calls: [
              writes(API, 'delete-api-key', 'DELETE /api-keys/{id}', {
                auth: CALLER,
                errorAt: ERROR_AT,
                answers: [means('2xx', 'ok'), means(404, 'not-found'), means([401, 403], 'denied')],
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
          what: 'With full access: further keys, domains, webhooks, audiences and contacts read',
          outlives: true,
          guide: 'Compare each list in the dashboard with your own; keys outlive the one that made them.',
        },
      ],
      dashboard: {
        url: 'https://resend.com/api-keys',
        revoke: ['Find the key by name and last use.', 'Open its menu and click Remove API Key.'],
        create: ['Click Create API Key, with the same permission and domain.'],
        recognise: 'The list shows name, the beginning of the token, and last use.',
        ...documented('https://resend.com/docs/dashboard/api-keys/introduction'),
      },
    },
  ],
  support: { how: 'resend.com/help', url: 'https://resend.com/help', ...documented('https://resend.com/help') },
  unpublished: ['an id that could be told from the token'],
};

import type { Provider } from './declaration.ts';
import { LIVE, asks, documented, means, observed, reads, writes } from './shorthand.ts';

const KEYS = documented('https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/keys');
const CALLER = { kind: 'basic', user: 'api', password: '{caller}' } as const;

export const MAILGUN: Provider = {
  id: 'mailgun',
  title: 'Mailgun',
  bases: { main: 'https://api.mailgun.net' },
  operator: {
    sets: [[{ name: 'caller', env: 'MAILGUN_OPERATOR_KEY', secret: true, says: 'a key of the role admin' }]],
  },
  kinds: [
    {
      id: 'mailgun-key',
      title: 'Mailgun API key',
      parts: {},
      probes: [
        {
          // A domain sending key may only post messages and is refused here like a dead one: refused proves nothing alone.
          call: asks(
            observed(
              'https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domains, as other scanners ask it',
            ),
            'list-domains',
            'GET /v3/domains',
            {
              auth: { kind: 'basic', user: 'api', password: '{secret}' },
              query: { limit: '1' },
              errorAt: ['message'],
              answers: [LIVE(), means(401, 'refused'), means(403, 'live-limited')],
            },
          ),
        },
      ],
      identify: { by: 'derived', part: 'secret', pattern: '-([0-9a-f]{8}-[0-9a-f]{8})$' },
      listing: {
        call: reads(KEYS, 'list-keys', 'GET /v1/keys', {
          auth: CALLER,
          errorAt: ['message'],
          answers: [means(200, 'ok', { at: 'items', present: true }), means([401, 403], 'denied')],
        }),
        items: 'items',
        id: 'id',
        label: 'description',
        createdAt: 'created_at',
        permissions: 'role',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'operator',
            calls: [
              writes(KEYS, 'delete-key', 'DELETE /v1/keys/{id}', {
                auth: CALLER,
                errorAt: ['message'],
                answers: [means(200, 'ok'), means(404, 'not-found'), means([401, 403], 'denied')],
              }),
            ],
          },
        ],
      },
      order: 'revoke-first',
      // The primary account key is said to live on for up to 48 hours; others die at once.
      settlesWithin: 120,
      collateral: [],
      mints: [
        {
          what: 'Further keys, SMTP credentials, routes, webhooks, domains, suppression entries',
          outlives: true,
          guide: 'Each list in the control panel, newest first; SMTP credentials stay valid without the key.',
        },
        {
          what: 'Stored messages read',
          outlives: true,
          guide: 'Messages of the last days can be fetched with the key; no trace is kept.',
        },
      ],
      dashboard: {
        url: 'https://app.mailgun.com/settings/api_security',
        revoke: ['Find the key by its id, the last two groups of the leaked value.', 'Delete it.'],
        create: ['Click Add new key, with the same role.'],
        recognise: 'The list shows description and id of each key.',
        warning: 'After a reset the old primary account key may work for up to 48 hours.',
        ...observed('Console, and docs.gitguardian.com on the primary key'),
      },
    },
  ],
  support: {
    how: 'Help, Create a ticket in the control panel',
    url: 'https://help.mailgun.com',
    ...documented('https://help.mailgun.com'),
  },
  unpublished: ['that the end of a key is its id: read off the samples of the reference, and checked against the list'],
};

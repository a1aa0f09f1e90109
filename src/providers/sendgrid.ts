import type { ActionMeaning, Answer, Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, reads, writes } from './shorthand.ts';

const KEYS = documented('https://github.com/twilio/sendgrid-oai, tsg_api_keys_v3: id is the middle segment of the key');
const CALLER = bearer('{caller}');
const ERROR_AT = ['errors.0.message'];

const DELETED: readonly Answer<ActionMeaning>[] = [
  means(204, 'ok'),
  means(404, 'not-found'),
  means([401, 403], 'denied'),
];

const DELETE = writes(KEYS, 'delete-api-key', 'DELETE /api_keys/{id}', {
  auth: CALLER,
  errorAt: ERROR_AT,
  answers: DELETED,
});

export const SENDGRID: Provider = {
  id: 'sendgrid',
  title: 'SendGrid',
  bases: { main: 'https://api.sendgrid.com/v3' },
  operator: {
    sets: [
      [
        {
          name: 'caller',
          env: 'SENDGRID_OPERATOR_KEY',
          secret: true,
          says: 'a key with the scopes api_keys.read and api_keys.delete',
        },
      ],
    ],
  },
  kinds: [
    {
      id: 'sendgrid-key',
      title: 'SendGrid API key',
      parts: {},
      probes: [
        {
          call: asks(
            documented('https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions'),
            'get-scopes',
            'GET /scopes',
            {
              auth: bearer('{secret}'),
              errorAt: ERROR_AT,
              answers: [LIVE({ as: 'scopes', at: 'scopes' }), means(401, 'refused'), means(403, 'live-limited')],
            },
          ),
        },
      ],
      identify: { by: 'derived', part: 'secret', pattern: '^SG\\.([\\w-]{22})\\.' },
      listing: {
        call: reads(KEYS, 'list-api-keys', 'GET /api_keys', {
          auth: CALLER,
          errorAt: ERROR_AT,
          answers: [means(200, 'ok', { at: 'result', present: true }), means([401, 403], 'denied')],
        }),
        items: 'result',
        id: 'api_key_id',
        label: 'name',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          { spends: 'operator', calls: [DELETE] },
          { spends: 'leaked', calls: [DELETE], requires: { learned: 'scopes', includes: 'api_keys.delete' } },
        ],
      },
      create: {
        spends: 'operator',
        call: writes(KEYS, 'create-api-key', 'POST /api_keys', {
          auth: CALLER,
          body: { kind: 'json', value: { name: '{label}', scopes: '{permissions}' } },
          errorAt: ERROR_AT,
          answers: [means(201, 'ok', { at: 'api_key', present: true }), means([401, 403], 'denied')],
        }),
        gives: { secret: 'api_key' },
        id: 'api_key_id',
      },
      order: 'revoke-first',
      settlesWithin: 120,
      collateral: [],
      limits: { keys: 100, ...KEYS },
      mints: [
        {
          what: 'Further API keys',
          outlives: true,
          look: {
            spends: 'operator',
            items: 'result',
            show: ['api_key_id', 'name'],
            call: reads(KEYS, 'list-api-keys-again', 'GET /api_keys', {
              auth: CALLER,
              errorAt: ERROR_AT,
              answers: [means(200, 'ok')],
            }),
          },
          guide: 'Delete every key that nobody of yours made.',
        },
        {
          what: 'Subusers, teammates, verified senders, event webhooks, templates, suppression lists',
          outlives: true,
          guide: 'Settings and Activity in the console, newest first.',
        },
      ],
      logs: {
        ...documented('https://github.com/twilio/sendgrid-oai, tsg_stats_v3'),
        spends: 'operator',
        call: reads(documented('https://github.com/twilio/sendgrid-oai, tsg_stats_v3'), 'stats', 'GET /stats', {
          auth: CALLER,
          query: { start_date: '{from}', end_date: '{to}', aggregated_by: 'day' },
          errorAt: ERROR_AT,
          answers: [means(200, 'ok')],
        }),
        items: '',
        record: { at: 'date', count: ['stats.0.metrics.requests'] },
        bounced: [],
        complained: [],
        zone: '+00:00',
        blind: 'Counts a day for the whole account; single messages need the Email Activity add-on.',
      },
      dashboard: {
        url: 'https://app.sendgrid.com/settings/api_keys',
        revoke: [
          'Find the key by its API Key ID, the middle part of the leaked value.',
          'Open its menu and click Delete API Key.',
        ],
        create: ['Click Create API Key, with the same access as the old one.'],
        recognise: 'The list shows name and API Key ID; the id is the part between the two dots of the value.',
        ...documented('https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys'),
      },
    },
  ],
  support: {
    how: 'support.sendgrid.com',
    url: 'https://support.sendgrid.com',
    ...documented('https://support.sendgrid.com'),
  },
  unpublished: [],
};

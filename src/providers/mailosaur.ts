import type { Call, Provider } from './declaration.ts';

const KEYS = 'Mailosaur article "Managing API keys"';
const USAGE = 'https://mailosaur.com/docs/api/usage';
/** "Provide your API key as the basic auth username value." */
const AUTH = { kind: 'basic', user: '{secret}', password: '' } as const;

function read<M>(name: string, path: string, answers: Call<M>['answers'], source: string): Call<M> {
  return {
    sure: 'documented',
    source,
    name,
    method: 'GET',
    base: 'main',
    path,
    auth: AUTH,
    effect: 'read',
    // 401 and 404 have no body.
    errorAt: ['type', 'message'],
    answers,
  };
}

export const MAILOSAUR: Provider = {
  id: 'mailosaur',
  title: 'Mailosaur',
  bases: { main: 'https://mailosaur.com' },
  kinds: [
    {
      id: 'mailosaur-key',
      title: 'Mailosaur API key',
      parts: {},
      probes: [
        {
          call: read(
            'list-servers',
            '/api/servers',
            [
              { status: 200, where: [{ at: 'items', present: true }], means: 'live' },
              { status: 401, means: 'refused' },
            ],
            'https://mailosaur.com/docs/api/servers',
          ),
        },
        {
          // "Requires an account-level API key": any refusal after the answer above means a restricted one.
          extra: true,
          call: read(
            'usage-limits',
            '/api/usage/limits',
            [
              { status: 200, means: 'live', learn: [{ as: 'type', value: 'standard' }] },
              {
                status: [401, 403, 404],
                means: 'live-limited',
                learn: [{ as: 'type', value: 'server-restricted' }],
                sure: 'inferred',
                source: 'The refusal is documented, its status is not; counted only after list-servers answered.',
              },
            ],
            USAGE,
          ),
        },
      ],
      identify: { by: 'person' },
      revoke: {
        kind: 'guided',
        why: 'Mailosaur says that API keys cannot be deleted via the API',
        sure: 'documented',
        source: KEYS,
      },
      order: 'revoke-first',
      settlesWithin: 60,
      collateral: [],
      mints: [
        {
          what: 'The SMTP, POP3 and IMAP password of every inbox the key reaches (GET /api/servers/{id}/password)',
          outlives: true,
          guide: 'No endpoint that changes such a password is published: ask support, or move to a new inbox.',
        },
        {
          what: 'Messages read, deleted or sent, and inboxes made or deleted with a standard key',
          outlives: true,
          guide: 'Compare the list of inboxes; messages that were read leave no trace.',
        },
      ],
      logs: {
        sure: 'documented',
        source: USAGE,
        spends: 'operator',
        call: {
          sure: 'documented',
          source: USAGE,
          name: 'usage-transactions',
          method: 'GET',
          base: 'main',
          path: '/api/usage/transactions',
          auth: { kind: 'basic', user: '{operatorKey}', password: '' },
          effect: 'read',
          errorAt: [],
          answers: [{ status: 200, where: [{ at: 'items', present: true }], means: 'ok' }],
        },
        items: 'items',
        record: { at: 'timestamp', count: ['email', 'sms', 'previews'] },
        bounced: [],
        complained: [],
        zone: '+00:00',
        blind: 'Counts a day for the last 31 days and the whole account: no caller, no key, no recipient.',
      },
      dashboard: {
        url: 'https://mailosaur.com/app/keys',
        revoke: [
          'Open the API Keys section as an Account Administrator.',
          'Click Reveal key at each candidate and compare it with the leaked value.',
          'Open Actions next to the right one and select Delete.',
          'Type the name of the key, then click Delete.',
        ],
        create: [
          'Open the API Keys section.',
          'Click Create standard key, or Create server-restricted key if the old one reached one inbox only.',
          'Name it, click Create, then Reveal key, and copy it.',
        ],
        recognise: 'The list shows names, no characters of the keys: reveal and compare. The dialog asks for the name.',
        warning: 'A deleted key cannot be restored, and nobody else can tell you that it was the wrong one.',
        sure: 'documented',
        source: KEYS,
      },
    },
  ],
  operator: {
    sets: [
      [
        {
          name: 'operatorKey',
          env: 'MAILOSAUR_OPERATOR_KEY',
          secret: true,
          says: 'another standard API key of the account, for the usage figures',
        },
      ],
    ],
  },
  support: {
    how: 'support@mailosaur.com',
    url: 'https://mailosaur.com',
    sure: 'observed',
    source: 'Addresses on the site; there is no security.txt.',
  },
  unpublished: ['an endpoint that deletes, creates or lists keys', 'an access log of API calls', 'rate-limit headers'],
};

import type { Provider } from './declaration.ts';
import { LIVE, asks, documented, header, means, reads, writes } from './shorthand.ts';

const API = documented(
  'https://developers.smtp2go.com/reference, version 3.0.4; keys are masked in lists since 2026-06-22',
);
const CALLER = header('x-smtp2go-api-key', '{caller}');
const ERROR_AT = ['data.error_code', 'error_code'];
/** Refusals of permission are 400 here, not 403. */
const NOT_PERMITTED = { at: 'data.error_code', is: 'E_ApiResponseCodes.ENDPOINT_PERMISSION_DENIED' } as const;

export const SMTP2GO: Provider = {
  id: 'smtp2go',
  title: 'SMTP2GO',
  bases: { main: 'https://api.smtp2go.com/v3' },
  operator: {
    sets: [
      [
        {
          name: 'caller',
          env: 'SMTP2GO_OPERATOR_KEY',
          secret: true,
          says: 'a key with the permissions api_keys/view and api_keys/remove',
        },
      ],
    ],
  },
  kinds: [
    {
      id: 'smtp2go-key',
      title: 'SMTP2GO API key',
      parts: {},
      probes: [
        {
          // Every key may call it. A POST, as everything here, and a read.
          call: asks(API, 'key-permissions', 'POST /api_keys/permissions', {
            auth: header('x-smtp2go-api-key', '{secret}'),
            body: { kind: 'json', value: {} },
            errorAt: ERROR_AT,
            answers: [
              LIVE({ as: 'permissions', at: 'data' }),
              means(400, 'live-limited', NOT_PERMITTED),
              means(401, 'refused'),
            ],
          }),
        },
      ],
      // The list masks keys; what it shows is a "shortened version" of each, its first twelve characters.
      identify: { by: 'derived', part: 'secret', pattern: '^(api-[A-Za-z0-9]{12})' },
      listing: {
        call: reads(API, 'view-api-keys', 'POST /api_keys/view', {
          auth: CALLER,
          // "A full API key to retrieve the information for": the answer is about this key alone.
          body: { kind: 'json', value: { id: '{secret}' } },
          errorAt: ERROR_AT,
          answers: [
            means(200, 'ok', { at: 'data', present: true }),
            means(400, 'denied', NOT_PERMITTED),
            means(401, 'denied'),
          ],
        }),
        items: 'data',
        id: 'username',
        idIsSecret: true,
        label: 'description',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'operator',
            calls: [
              writes(API, 'remove-api-key', 'POST /api_keys/remove', {
                auth: CALLER,
                body: { kind: 'json', value: { id: '{secret}' } },
                errorAt: ERROR_AT,
                answers: [means(200, 'ok'), means(400, 'denied', NOT_PERMITTED), means(401, 'denied')],
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
          what: 'SMTP users, further API keys, webhooks, single senders, suppression entries',
          outlives: true,
          guide: 'Each list in the app, newest first; SMTP users stay valid without the key.',
        },
      ],
      dashboard: {
        url: 'https://app.smtp2go.com/sending/apikeys/',
        revoke: ['Find the key by its first characters.', 'Click Delete.'],
        create: ['Click Add API Key, with the same permissions.'],
        recognise: 'The list shows the description and the first twelve characters of each key.',
        ...documented('https://developers.smtp2go.com/reference/authentication'),
      },
    },
  ],
  support: {
    how: 'support.smtp2go.com',
    url: 'https://support.smtp2go.com',
    ...documented('https://support.smtp2go.com'),
  },
  unpublished: ['a complete list of error codes'],
};

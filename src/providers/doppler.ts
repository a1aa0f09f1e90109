import type { Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, observed, writes } from './shorthand.ts';

/** The reference itself could not be read again; clients generated from the vendor's API description have both calls. */
const REVOKE = observed(
  'https://docs.doppler.com/reference/auth-revoke, as clients made from its API description have it',
);

export const DOPPLER: Provider = {
  id: 'doppler',
  title: 'Doppler',
  bases: { main: 'https://api.doppler.com' },
  kinds: [
    {
      id: 'doppler-token',
      title: 'Doppler token',
      parts: {},
      probes: [
        {
          call: asks(
            observed('https://docs.doppler.com/reference/auth-me, as clients made from its API description have it'),
            'me',
            'GET /v3/me',
            {
              auth: bearer('{secret}'),
              errorAt: ['messages.0'],
              answers: [
                LIVE({ as: 'type', at: 'type' }, { as: 'workplace', at: 'workplace.slug' }),
                means(401, 'refused'),
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
            spends: 'nothing',
            calls: [
              writes(REVOKE, 'revoke-token', 'POST /v3/auth/revoke', {
                auth: { kind: 'none' },
                body: { kind: 'json', value: { token: '{secret}' } },
                errorAt: ['messages.0'],
                answers: [means(200, 'ok'), means([400, 404], 'not-found'), means([401, 403], 'denied')],
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
          what: 'Every secret of the configs it reads: each is a leak of its own',
          outlives: true,
          guide: 'Rotate them; the access log of each config shows reads.',
        },
        {
          what: 'Service tokens, integrations and webhooks',
          outlives: true,
          guide: 'Activity logs of the workplace, in the exposure window.',
        },
      ],
      dashboard: {
        url: 'https://dashboard.doppler.com',
        revoke: [
          'Open the project and config, then Access, for a service token; Tokens in the workplace settings for others.',
          'Revoke it by name.',
        ],
        create: ['Generate a new one of the same kind, with an expiry.'],
        recognise: 'Tokens are listed by name.',
        ...documented('https://docs.doppler.com/docs/service-tokens'),
      },
    },
  ],
  support: {
    how: 'support@doppler.com',
    url: 'https://support.doppler.com',
    ...documented('https://docs.doppler.com'),
  },
  unpublished: [],
};

import type { Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, observed, reads, writes } from './shorthand.ts';

const TOKENS = observed('npm-profile: GET /-/npm/v1/tokens, DELETE /-/npm/v1/tokens/token/{key}');
const CALLER = bearer('{caller}');

const DELETE = writes(TOKENS, 'delete-token', 'DELETE /-/npm/v1/tokens/token/{id}', {
  auth: CALLER,
  errorAt: ['error', 'message'],
  answers: [means([200, 204], 'ok'), means(404, 'not-found'), means([401, 403], 'denied')],
});

export const NPM: Provider = {
  id: 'npm',
  title: 'npm',
  bases: { main: 'https://registry.npmjs.org' },
  operator: {
    sets: [
      [
        {
          name: 'caller',
          env: 'NPM_OPERATOR_TOKEN',
          secret: true,
          says: 'another token of the same user, as `npm login` gives',
        },
      ],
    ],
  },
  kinds: [
    {
      id: 'npm-token',
      title: 'npm access token',
      parts: {},
      probes: [
        {
          call: asks(
            observed('https://docs.npmjs.com/cli/commands/npm-whoami, and the request that command makes'),
            'whoami',
            'GET /-/whoami',
            {
              auth: bearer('{secret}'),
              errorAt: ['error', 'message'],
              answers: [LIVE({ as: 'account', at: 'username' }), means(401, 'refused')],
            },
          ),
        },
      ],
      // The list shows both ends of a token; the first eight characters alone fit many.
      identify: { by: 'listed', prefix: 8, suffix: 4 },
      listing: {
        call: reads(TOKENS, 'list-tokens', 'GET /-/npm/v1/tokens', {
          auth: CALLER,
          query: { perPage: '500' },
          errorAt: ['error', 'message'],
          answers: [means(200, 'ok', { at: 'objects', present: true }), means([401, 403], 'denied')],
        }),
        items: 'objects',
        id: 'key',
        label: 'name',
        createdAt: 'created',
        prefix: 'token',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          { spends: 'operator', calls: [DELETE] },
          { spends: 'leaked', calls: [DELETE] },
        ],
      },
      order: 'revoke-first',
      // "There may be a delay of up to an hour before a token is successfully revoked."
      settlesWithin: 3600,
      collateral: [],
      mints: [
        {
          what: 'Versions published, dist-tags moved, maintainers added',
          outlives: true,
          guide: '`npm view PACKAGE time maintainers dist-tags` for every package the user may publish.',
        },
        { what: 'Further tokens', outlives: true, guide: '`npm token list`: remove what nobody knows.' },
      ],
      dashboard: {
        url: 'https://www.npmjs.com/settings/~/tokens',
        revoke: ['Find the token by its ends.', 'Click × and confirm.'],
        create: ['Click Generate New Token, granular, with an expiry, or use trusted publishing.'],
        recognise: 'The list shows the beginning and the end of each token.',
        ...documented('https://docs.npmjs.com/revoking-access-tokens'),
      },
    },
  ],
  support: { how: 'npmjs.com/support', url: 'https://www.npmjs.com/support', ...documented('https://docs.npmjs.com') },
  unpublished: ['login session tokens in the list'],
};

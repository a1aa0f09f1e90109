import type { Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, reads, writes } from './shorthand.ts';

const API = documented(
  'https://devcenter.heroku.com/articles/platform-api-reference, by way of clients generated from Heroku’s own schema',
);
const HEADERS = { accept: 'application/vnd.heroku+json; version=3' };
const CALLER = bearer('{caller}');

export const HEROKU: Provider = {
  id: 'heroku',
  title: 'Heroku',
  bases: { main: 'https://api.heroku.com' },
  kinds: [
    {
      id: 'heroku-key',
      title: 'Heroku API key',
      parts: {},
      probes: [
        {
          call: asks(API, 'get-account', 'GET /account', {
            auth: bearer('{secret}'),
            headers: HEADERS,
            errorAt: ['id', 'message'],
            answers: [LIVE({ as: 'account', at: 'id' }), means(401, 'refused'), means(403, 'live-limited')],
          }),
        },
      ],
      // Only a row that shows the whole value, or both of its ends, is the leaked one.
      identify: { by: 'listed', prefix: 8, suffix: 4 },
      listing: {
        call: reads(API, 'list-authorizations', 'GET /oauth/authorizations', {
          auth: CALLER,
          headers: { ...HEADERS, range: 'id ..; max=1000;' },
          errorAt: ['id', 'message'],
          answers: [means([200, 206], 'ok'), means([401, 403], 'denied')],
        }),
        items: '',
        id: 'id',
        label: 'description',
        createdAt: 'created_at',
        prefix: 'access_token.token',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'leaked',
            calls: [
              writes(API, 'delete-authorization', 'DELETE /oauth/authorizations/{id}', {
                auth: CALLER,
                headers: HEADERS,
                errorAt: ['id', 'message'],
                answers: [means(200, 'ok'), means(404, 'not-found'), means([401, 403], 'denied')],
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
          what: 'Further authorizations and OAuth clients',
          outlives: true,
          guide: '`heroku authorizations`: revoke what nobody knows.',
        },
        {
          what: 'Config variables of every app read: each is a leak of its own',
          outlives: true,
          guide: 'Rotate every secret in the config of every app the account reaches.',
        },
      ],
      dashboard: {
        url: 'https://dashboard.heroku.com/account/applications',
        revoke: ['Find the authorization, or regenerate the API key under Account.', 'Click Revoke.'],
        create: ['`heroku authorizations:create` with a description and an expiry.'],
        recognise: 'The list shows descriptions; `heroku authorizations:info ID` shows the token.',
        ...documented('https://devcenter.heroku.com/articles/authentication'),
      },
    },
  ],
  support: { how: 'help.heroku.com', url: 'https://help.heroku.com', ...documented('https://help.heroku.com') },
  unpublished: [],
};

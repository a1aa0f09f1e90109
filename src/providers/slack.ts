import type { Provider, Where } from './declaration.ts';
import { asks, bearer, documented, means, writes } from './shorthand.ts';

const TEST = documented('https://docs.slack.dev/reference/methods/auth.test');
const REVOKE = documented('https://docs.slack.dev/reference/methods/auth.revoke');

/** Slack answers 200 to everything; the body says what it means. */
function error(code: string): Where {
  return { at: 'error', is: code };
}

export const SLACK: Provider = {
  id: 'slack',
  title: 'Slack',
  bases: { main: 'https://slack.com/api' },
  kinds: [
    {
      id: 'slack-token',
      title: 'Slack token',
      parts: {},
      probes: [
        {
          call: asks(TEST, 'auth-test', 'POST /auth.test', {
            auth: bearer('{secret}'),
            errorAt: ['error'],
            answers: [
              {
                status: 200,
                where: [{ at: 'ok', is: true }],
                means: 'live',
                learn: [
                  { as: 'scopes', header: 'x-oauth-scopes' },
                  { as: 'team', at: 'team_id' },
                  { as: 'user', at: 'user_id' },
                ],
              },
              means(200, 'refused', error('invalid_auth')),
              means(200, 'refused', error('token_revoked')),
              means(200, 'refused', error('token_expired')),
              means(200, 'refused', error('account_inactive')),
              means(200, 'live-limited', error('no_permission')),
              means(200, 'live-limited', error('not_allowed_token_type')),
            ],
          }),
        },
      ],
      identify: { by: 'derived', part: 'secret' },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'leaked',
            calls: [
              writes(REVOKE, 'auth-revoke', 'POST /auth.revoke', {
                auth: bearer('{secret}'),
                errorAt: ['error'],
                answers: [
                  means(200, 'ok', { at: 'ok', is: true }, { at: 'revoked', is: true }),
                  means(200, 'failed', { at: 'ok', is: true }),
                  means(200, 'not-found', error('invalid_auth')),
                  means(200, 'not-found', error('token_revoked')),
                  means(200, 'denied', { at: 'ok', is: false }),
                ],
              }),
            ],
          },
        ],
      },
      order: 'revoke-first',
      settlesWithin: 60,
      collateral: [
        'for a bot token: the bot’s presence and its memberships of channels, until the app is installed again',
      ],
      mints: [
        {
          what: 'Messages posted, files read, members and channels listed',
          outlives: true,
          guide: 'Workspace audit logs (Enterprise) or the access logs of an admin, in the exposure window.',
        },
        {
          what: 'Incoming webhooks and further installations of the app',
          outlives: true,
          guide: 'App settings: Incoming Webhooks and Install App; remove what nobody knows.',
        },
      ],
      dashboard: {
        url: 'https://api.slack.com/apps',
        revoke: ['Open the app, then OAuth & Permissions.', 'Click Revoke All OAuth Tokens, or reinstall the app.'],
        create: ['Reinstall the app in the workspace and copy the new token.'],
        recognise: 'The page shows the whole token of each installation to its collaborators.',
        ...documented('https://docs.slack.dev/authentication/tokens'),
      },
    },
  ],
  support: {
    how: 'feedback@slack.com',
    url: 'https://slack.com/help/requests/new',
    ...documented('https://slack.com/help'),
  },
  unpublished: [],
};

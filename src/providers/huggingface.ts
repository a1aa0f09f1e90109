import type { Provider } from './declaration.ts';
import { LIVE, asks, bearer, documented, means, observed, writes } from './shorthand.ts';

const TOKENS = documented('https://huggingface.co/docs/hub/security-tokens');
const REVOKE = observed(
  'https://huggingface.co/docs/hub/security-tokens, as other responders call it; our copy of the page is older',
);

export const HUGGINGFACE: Provider = {
  id: 'huggingface',
  title: 'Hugging Face',
  bases: { main: 'https://huggingface.co' },
  kinds: [
    {
      id: 'huggingface-token',
      title: 'Hugging Face token',
      parts: {},
      probes: [
        {
          call: asks(
            observed('https://huggingface.co/docs/hub/api, as other scanners ask it'),
            'whoami',
            'GET /api/whoami-v2',
            {
              auth: bearer('{secret}'),
              errorAt: ['error'],
              answers: [
                LIVE({ as: 'type', at: 'auth.accessToken.role' }, { as: 'account', at: 'name' }),
                means(401, 'refused'),
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
              // Always 202, whether or not the token exists: no proof of anything.
              writes(REVOKE, 'revoke-credentials', 'POST /api/credentials/revoke', {
                auth: { kind: 'none' },
                body: { kind: 'json', value: { credentials: ['{secret}'] } },
                answers: [means(202, 'ok')],
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
          what: 'Commits to models, data sets and Spaces; Spaces secrets read or changed',
          outlives: true,
          guide: 'Compare the commit history of every repository the token could write.',
        },
        {
          what: 'Inference and compute billed to the account',
          outlives: false,
          guide: 'Billing, usage of the exposure window.',
        },
      ],
      dashboard: {
        url: 'https://huggingface.co/settings/tokens',
        revoke: ['Open Manage next to the token.', 'Choose Delete, or Invalidate and refresh.'],
        create: ['Click Create new token, fine-grained, for one application.'],
        recognise: 'The list shows name, role and last use.',
        ...TOKENS,
      },
    },
  ],
  support: {
    how: 'security@huggingface.co',
    url: 'https://huggingface.co/support',
    ...documented('https://huggingface.co/docs/hub/security'),
  },
  unpublished: [],
};

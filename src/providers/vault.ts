import type { Provider } from './declaration.ts';
import { LIVE, asks, documented, header, means, writes } from './shorthand.ts';

const TOKEN = documented('https://developer.hashicorp.com/vault/api-docs/auth/token');
const AUTH = header('x-vault-token', '{secret}');

export const VAULT: Provider = {
  id: 'vault',
  title: 'HashiCorp Vault',
  // Every Vault is somebody's own: its address comes from the user, never from the repository that leaked the token.
  bases: { main: '' },
  kinds: [
    {
      id: 'vault-token',
      title: 'Vault token',
      parts: {},
      probes: [
        {
          call: asks(TOKEN, 'lookup-self', 'GET /v1/auth/token/lookup-self', {
            auth: AUTH,
            errorAt: ['errors.0'],
            answers: [
              LIVE({ as: 'policies', at: 'data.policies' }, { as: 'type', at: 'data.type' }),
              means(403, 'refused'),
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
              writes(TOKEN, 'revoke-self', 'POST /v1/auth/token/revoke-self', {
                auth: AUTH,
                errorAt: ['errors.0'],
                answers: [means(204, 'ok'), means(403, 'denied'), means(400, 'failed')],
              }),
            ],
          },
        ],
      },
      order: 'revoke-first',
      settlesWithin: 60,
      collateral: ['all child tokens, and every dynamic secret (lease) they or it obtained'],
      mints: [
        {
          what: 'Orphan tokens, roles and policies, if its policies allowed',
          outlives: true,
          guide: 'Audit device: requests of this token’s accessor in the exposure window.',
        },
        {
          what: 'Static secrets read: each is a leak of its own',
          outlives: true,
          guide: 'Audit device; rotate what was read.',
        },
      ],
      dashboard: {
        url: 'https://developer.hashicorp.com/vault/docs/commands/token/revoke',
        revoke: ['`vault token revoke -accessor ACCESSOR`, with the accessor from the audit log.'],
        create: ['Log in again through the auth method the application uses.'],
        recognise: 'Tokens are known by accessor; a batch token (hvb.) cannot be revoked and dies with its TTL.',
        ...documented('https://developer.hashicorp.com/vault/docs/concepts/tokens'),
      },
    },
  ],
  support: { how: 'Whoever runs this Vault', ...documented('https://developer.hashicorp.com/vault') },
  unpublished: [],
};

import type { Provider } from './declaration.ts';
import { LIVE, asks, documented, means, writes } from './shorthand.ts';

const WEBHOOK = documented('https://docs.discord.com/developers/resources/webhook');
const PATH = '/api/webhooks/{webhookId}/{webhookToken}';

export const DISCORD: Provider = {
  id: 'discord',
  title: 'Discord',
  bases: { main: 'https://discord.com' },
  kinds: [
    {
      id: 'discord-webhook',
      title: 'Discord webhook',
      parts: {},
      // The URL is the credential: its two ends are taken apart here and put together only on the wire.
      derive: {
        webhookId: 'webhooks/(\\d{17,20})/',
        webhookToken: 'webhooks/\\d{17,20}/([\\w-]{40,100})',
      },
      probes: [
        {
          call: asks(WEBHOOK, 'get-webhook-with-token', `GET ${PATH}`, {
            auth: { kind: 'none' },
            urlIsSecret: true,
            errorAt: ['code', 'message'],
            answers: [
              LIVE({ as: 'name', at: 'name' }, { as: 'channel', at: 'channel_id' }),
              means(404, 'refused', { at: 'code', is: 10015 }),
              means(401, 'refused', { at: 'code', is: 50027 }),
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
              writes(WEBHOOK, 'delete-webhook-with-token', `DELETE ${PATH}`, {
                auth: { kind: 'none' },
                urlIsSecret: true,
                errorAt: ['code', 'message'],
                answers: [means(204, 'ok'), means(404, 'not-found'), means(401, 'denied')],
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
          what: 'Messages posted in the channel under any name and picture',
          outlives: true,
          guide: 'Look through the channel since the exposure began; messages stay when the webhook is gone.',
        },
      ],
      dashboard: {
        url: 'https://discord.com/channels/@me',
        revoke: ['Open Server Settings, Integrations, Webhooks.', 'Open the webhook and click Delete Webhook.'],
        create: ['Click New Webhook in the same place.'],
        recognise: 'Webhooks are listed by name and channel; Copy Webhook URL shows the whole.',
        ...documented('https://support.discord.com/hc/en-us/articles/228383668'),
      },
    },
  ],
  support: {
    how: 'support.discord.com',
    url: 'https://support.discord.com',
    ...documented('https://support.discord.com'),
  },
  unpublished: [],
};

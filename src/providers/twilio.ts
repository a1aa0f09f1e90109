import type { Auth, Provider } from './declaration.ts';
import { LIVE, asks, documented, means, observed, reads, writes } from './shorthand.ts';

const KEYS = documented('https://www.twilio.com/docs/iam/api-keys/key-resource-v1 and twilio-oai');
const CALLER: Auth = { kind: 'basic', user: '{callerUser}', password: '{caller}' };
const ERROR_AT = ['code', 'message'];
const PROBE = observed('https://www.twilio.com/docs/verify/api/service, as other scanners ask it');

export const TWILIO: Provider = {
  id: 'twilio',
  title: 'Twilio',
  bases: { main: 'https://api.twilio.com', verify: 'https://verify.twilio.com' },
  operator: {
    sets: [
      [
        { name: 'callerAccount', env: 'TWILIO_ACCOUNT_SID', secret: false, says: 'the account SID' },
        { name: 'callerUser', env: 'TWILIO_MAIN_KEY_SID', secret: false, says: 'SID of a main API key' },
        { name: 'caller', env: 'TWILIO_MAIN_KEY_SECRET', secret: true, says: 'its secret' },
      ],
      [
        { name: 'callerAccount', env: 'TWILIO_ACCOUNT_SID', secret: false, says: 'the account SID' },
        { name: 'callerUser', env: 'TWILIO_ACCOUNT_SID', secret: false, says: 'the account SID' },
        { name: 'caller', env: 'TWILIO_AUTH_TOKEN', secret: true, says: 'the auth token' },
      ],
    ],
  },
  kinds: [
    {
      id: 'twilio-api-key',
      title: 'Twilio API key',
      parts: { keySid: ['twilio-api-key-sid'] },
      open: ['keySid'],
      probes: [
        {
          call: asks(PROBE, 'list-verify-services', 'GET /v2/Services', {
            base: 'verify',
            query: { PageSize: '1' },
            auth: { kind: 'basic', user: '{keySid}', password: '{secret}' },
            errorAt: ERROR_AT,
            answers: [LIVE(), means(401, 'refused', { at: 'code', is: 20003 }), means(403, 'live-limited')],
          }),
        },
      ],
      identify: { by: 'derived', part: 'keySid' },
      listing: {
        call: reads(KEYS, 'list-keys', 'GET /2010-04-01/Accounts/{callerAccount}/Keys.json', {
          auth: CALLER,
          query: { PageSize: '1000' },
          errorAt: ERROR_AT,
          answers: [means(200, 'ok', { at: 'keys', present: true }), means([401, 403], 'denied')],
        }),
        items: 'keys',
        id: 'sid',
        label: 'friendly_name',
        createdAt: 'date_created',
      },
      revoke: {
        kind: 'automatic',
        ways: [
          {
            spends: 'operator',
            calls: [
              writes(KEYS, 'delete-key', 'DELETE /2010-04-01/Accounts/{callerAccount}/Keys/{id}.json', {
                auth: CALLER,
                errorAt: ERROR_AT,
                answers: [means(204, 'ok'), means(404, 'not-found'), means([401, 403], 'denied')],
              }),
            ],
          },
        ],
      },
      create: {
        spends: 'operator',
        call: writes(KEYS, 'create-key', 'POST /2010-04-01/Accounts/{callerAccount}/Keys.json', {
          auth: CALLER,
          body: { kind: 'form', value: { FriendlyName: '{label}' } },
          errorAt: ERROR_AT,
          answers: [means([200, 201], 'ok', { at: 'secret', present: true }), means([401, 403], 'denied')],
        }),
        gives: { keySid: 'sid', secret: 'secret' },
        id: 'sid',
      },
      order: 'revoke-first',
      settlesWithin: 120,
      collateral: ['access tokens of Client, Video, Conversations and Sync that were signed with this key'],
      mints: [
        {
          what: 'Access tokens signed with it, valid up to 24 hours',
          outlives: false,
          guide: 'They die with the key.',
        },
        {
          what: 'Numbers bought, messages and calls, webhooks of numbers and services, sub-accounts',
          outlives: true,
          guide: 'Monitor, Logs, and Usage in the console, in the exposure window.',
        },
      ],
      logs: {
        ...documented('https://www.twilio.com/docs/usage/api/usage-record'),
        spends: 'operator',
        call: reads(
          documented('https://www.twilio.com/docs/usage/api/usage-record'),
          'usage-daily',
          'GET /2010-04-01/Accounts/{callerAccount}/Usage/Records/Daily.json',
          {
            auth: CALLER,
            query: { StartDate: '{from}', EndDate: '{to}', Category: 'sms', PageSize: '1000' },
            errorAt: ERROR_AT,
            answers: [means(200, 'ok', { at: 'usage_records', present: true })],
          },
        ),
        items: 'usage_records',
        record: { at: 'start_date', count: ['count'] },
        bounced: [],
        complained: [],
        zone: '+00:00',
        blind: 'Counts a day of messages for the whole account; calls and numbers bought are other categories.',
      },
      dashboard: {
        url: 'https://console.twilio.com/us1/account/keys-credentials/api-keys',
        revoke: ['Open the key whose SID is the leaked one.', 'Click Delete API key and confirm.'],
        create: ['Click Create API key, of the same type.'],
        recognise: 'The list shows the SID of each key.',
        ...documented('https://www.twilio.com/docs/iam/api-keys'),
      },
    },
    {
      id: 'twilio-auth-token',
      title: 'Twilio auth token',
      parts: { accountSid: ['twilio-account-sid'] },
      open: ['accountSid'],
      probes: [
        {
          call: asks(
            documented('https://www.twilio.com/docs/iam/api/account'),
            'get-account',
            'GET /2010-04-01/Accounts/{accountSid}.json',
            {
              auth: { kind: 'basic', user: '{accountSid}', password: '{secret}' },
              errorAt: ERROR_AT,
              answers: [
                { status: 200, where: [{ at: 'status', is: 'suspended' }], means: 'dormant' },
                LIVE({ as: 'type', at: 'type' }),
                means(401, 'refused', { at: 'code', is: 20003 }),
              ],
            },
          ),
        },
      ],
      identify: { by: 'derived', part: 'accountSid' },
      revoke: {
        kind: 'guided',
        why: 'An account has one auth token, and everything that uses it stops when a secondary one is promoted: a person makes and deploys the secondary first',
        ...documented('https://www.twilio.com/docs/iam/api/authtoken'),
      },
      order: 'create-first',
      settlesWithin: 120,
      collateral: ['every application of the account that uses the auth token, and the check of webhook signatures'],
      mints: [
        {
          what: 'API keys, sub-accounts, numbers, webhooks, messages and calls',
          outlives: true,
          guide: 'API keys and sub-accounts outlive the token: look through both lists first.',
        },
      ],
      dashboard: {
        url: 'https://console.twilio.com/us1/account/keys-credentials/auth-tokens',
        revoke: [
          'Create a secondary auth token and deploy it everywhere.',
          'Click Promote to primary; the old token stops at once.',
        ],
        create: ['Click Create secondary token.'],
        recognise: 'There is one primary auth token an account.',
        ...documented('https://www.twilio.com/docs/iam/api/authtoken'),
      },
    },
  ],
  support: { how: 'help.twilio.com', url: 'https://help.twilio.com', ...documented('https://help.twilio.com') },
  unpublished: [],
};

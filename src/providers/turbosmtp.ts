import type { ActionMeaning, Answer, Call, CredentialKind, ProbeMeaning, Provider } from './declaration.ts';

const HUB = 'https://github.com/turboSMTP/developers-hub/blob/main/docs';
const STARTED = { sure: 'documented', source: `${HUB}/getting-started.md` } as const;
const ACCOUNT = { sure: 'documented', source: `${HUB}/account.md` } as const;
const SUBACCOUNTS = { sure: 'documented', source: `${HUB}/subaccounts.md` } as const;

const PAIR = { kind: 'headers', values: { consumerKey: '{consumerKey}', consumerSecret: '{secret}' } } as const;
/** The session key stands alone in the header, without a scheme. */
const SESSION = { kind: 'header', name: 'authorization', value: '{session}' } as const;
const LEAKED_SESSION = { kind: 'header', name: 'authorization', value: '{secret}' } as const;

const ERROR_AT = ['message'];

const MAIN_HOST_ANSWERS: readonly Answer<ProbeMeaning>[] = [
  { status: 200, means: 'live' },
  { status: 401, where: [{ at: 'message', is: 'account_is_inactive' }], means: 'dormant' },
  { status: 401, where: [{ at: 'message', is: 'invalid_authorization_key' }], means: 'refused' },
];

const LIST_KEYS: Call<ActionMeaning> = {
  ...ACCOUNT,
  name: 'list-consumer-keys',
  method: 'GET',
  base: 'main',
  path: '/user/consumerKeys',
  auth: SESSION,
  effect: 'read',
  errorAt: ERROR_AT,
  answers: [
    { status: 200, where: [{ at: 'results', present: true }], means: 'ok' },
    { status: [401, 403], means: 'denied' },
  ],
};

const PAIR_KIND: CredentialKind = {
  id: 'turbosmtp-pair',
  title: 'turboSMTP consumer key and secret',
  parts: { consumerKey: ['turbosmtp-consumer-key'] },
  probes: [
    {
      call: {
        ...ACCOUNT,
        name: 'usage-alerts',
        method: 'GET',
        base: 'main',
        path: '/tools/alerts',
        auth: PAIR,
        effect: 'read',
        errorAt: ERROR_AT,
        answers: MAIN_HOST_ANSWERS.map((row) =>
          row.means === 'live' ? { ...row, learn: [{ as: 'permissions', value: 'APIS' }] } : row,
        ),
      },
    },
    // A pair that may only send is refused above like a dead one. AUTH alone tells, and sends nothing.
    {
      call: {
        name: 'smtp-auth',
        smtp: true,
        base: 'smtp',
        user: '{consumerKey}',
        password: '{secret}',
        codes: { 235: 'live', 535: 'refused' },
        sure: 'documented',
        source: 'RFC 4954 for the codes; that the pair is the SMTP login: turboSMTP help article "API Keys"',
      },
    },
  ],
  identify: { by: 'derived', part: 'consumerKey' },
  listing: {
    call: LIST_KEYS,
    items: 'results',
    id: 'consumerKey',
    label: 'label',
    createdAt: 'creation_time',
    permissions: 'permissions',
    ips: 'ips',
  },
  revoke: {
    kind: 'automatic',
    ways: [
      {
        // An account session, never the leaked pair: "not allowed when authenticated via consumer key".
        spends: 'operator',
        calls: [
          {
            ...ACCOUNT,
            name: 'delete-consumer-key',
            method: 'DELETE',
            base: 'main',
            path: '/user/consumerKeys/{id}',
            auth: SESSION,
            effect: 'write',
            errorAt: ERROR_AT,
            answers: [
              { status: 200, where: [{ at: 'message', is: 'success' }], means: 'ok' },
              { status: 404, where: [{ at: 'message', is: 'key_not_found' }], means: 'not-found' },
              { status: [401, 403], means: 'denied' },
            ],
          },
        ],
      },
    ],
  },
  create: {
    spends: 'operator',
    call: {
      ...ACCOUNT,
      name: 'create-consumer-key',
      method: 'POST',
      base: 'main',
      path: '/user/consumerKeys',
      auth: SESSION,
      body: { kind: 'json', value: { label: '{label}', permissions: '{permissions}', ips: '{ips}' } },
      effect: 'write',
      errorAt: ERROR_AT,
      answers: [
        { status: 201, where: [{ at: 'consumerSecret', present: true }], means: 'ok' },
        { status: [401, 403], means: 'denied' },
      ],
    },
    gives: { consumerKey: 'consumerKey', secret: 'consumerSecret' },
    id: 'consumerKey',
  },
  order: 'revoke-first',
  settlesWithin: 60,
  collateral: [],
  mints: [
    {
      what: 'Sessions for sub-accounts: the pair may open one for any of them (POST /subaccounts/authorize)',
      outlives: true,
      guide:
        'turboSMTP lists no sessions. Deactivate a sub-account that shows strange traffic, and change the passwords of all of them.',
    },
    {
      what: 'New sub-accounts (POST /subaccounts)',
      outlives: true,
      look: {
        spends: 'operator',
        items: 'results',
        show: ['email', 'subaccount_id', 'active'],
        call: {
          ...SUBACCOUNTS,
          name: 'list-subaccounts',
          method: 'GET',
          base: 'main',
          path: '/subaccounts/list',
          query: { page: '1', limit: '100' },
          auth: SESSION,
          effect: 'read',
          errorAt: ERROR_AT,
          answers: [
            { status: 200, means: 'ok' },
            { status: 403, where: [{ at: 'message', is: 'feature_not_available_for_active_plan' }], means: 'ok' },
          ],
        },
      },
      guide: 'Deactivate each one you did not make and set its sending limit to 0; there is no deletion by API.',
    },
    {
      what: 'Entries added to or taken from the suppression list',
      outlives: true,
      look: {
        spends: 'operator',
        items: 'results',
        show: ['date', 'recipient', 'reason'],
        call: {
          sure: 'documented',
          source: `${HUB}/suppressions.md`,
          name: 'list-manual-suppressions',
          method: 'GET',
          base: 'main',
          path: '/suppressions',
          query: { from: '{from}', to: '{to}', filter_by: 'manual', limit: '100', page: '1' },
          auth: SESSION,
          effect: 'read',
          errorAt: ERROR_AT,
          answers: [{ status: 200, means: 'ok' }],
        },
      },
      guide: 'Removals leave no trace: compare with your last export before anything is sent.',
    },
    {
      what: 'Usage alerts deleted or redirected (/tools/alerts)',
      outlives: true,
      look: {
        spends: 'operator',
        items: 'results',
        show: ['id', 'email', 'percentage'],
        call: {
          ...ACCOUNT,
          name: 'list-alerts',
          method: 'GET',
          base: 'main',
          path: '/tools/alerts',
          auth: SESSION,
          effect: 'read',
          errorAt: ERROR_AT,
          answers: [{ status: 200, means: 'ok' }],
        },
      },
      guide: 'Restore the alerts you had; they also warn of the next leak.',
    },
  ],
  logs: {
    sure: 'documented',
    source: `${HUB}/analytics.md`,
    spends: 'operator',
    call: {
      sure: 'documented',
      source: `${HUB}/analytics.md`,
      name: 'analytics',
      method: 'GET',
      base: 'main',
      path: '/analytics',
      query: { from: '{from}', to: '{to}', orderby: 'send_time', ordertype: 'asc', tz: '+00:00' },
      auth: SESSION,
      effect: 'read',
      errorAt: ERROR_AT,
      answers: [{ status: 200, where: [{ at: 'results', present: true }], means: 'ok' }],
    },
    items: 'results',
    pages: { parameter: 'page', size: 500, sizeParameter: 'limit' },
    record: { at: 'send_time', recipient: 'recipient', status: 'status' },
    bounced: ['FAIL', 'SYSFAIL'],
    complained: ['REPORT'],
    zone: '+00:00',
    blind: 'The log holds messages, not calls: it names neither the key nor the address that sent them.',
  },
  dashboard: {
    url: 'https://dashboard.serversmtp.com',
    revoke: [
      'Choose Settings in the menu on the left, then the Integrations tab.',
      'In the block API Keys, click Edit.',
      'Find the row whose Consumer Key is the leaked one and delete it.',
    ],
    create: [
      'Choose Settings, then Integrations, then Edit in the block API Keys.',
      'Click Create API Key, name it, tick the same services and addresses as the old key had.',
      'Click Generate API Key and copy the Consumer Secret: it is shown on this screen only.',
    ],
    recognise: 'The list shows the whole Consumer Key.',
    sure: 'documented',
    source: 'turboSMTP help article "API Keys"',
  },
};

const SESSION_KIND: CredentialKind = {
  id: 'turbosmtp-session',
  title: 'turboSMTP session key',
  parts: {},
  probes: [
    {
      call: {
        ...LIST_KEYS,
        name: 'list-consumer-keys-as-session',
        auth: LEAKED_SESSION,
        answers: MAIN_HOST_ANSWERS.map((row) =>
          row.means === 'live' ? { ...row, learn: [{ as: 'type', value: 'account session' }] } : row,
        ),
      },
    },
  ],
  identify: { by: 'derived', part: 'secret' },
  revoke: {
    kind: 'automatic',
    ways: [
      {
        spends: 'leaked',
        calls: [
          {
            ...STARTED,
            name: 'deauthorize-itself',
            method: 'POST',
            base: 'main',
            path: '/deauthorize',
            auth: LEAKED_SESSION,
            effect: 'write',
            errorAt: ERROR_AT,
            answers: [
              { status: 200, where: [{ at: 'message', is: 'token_deauthorized' }], means: 'ok' },
              { status: 401, means: 'not-found' },
            ],
          },
        ],
      },
    ],
  },
  order: 'revoke-first',
  settlesWithin: 60,
  collateral: [],
  mints: [
    {
      what: 'Consumer keys created with the session (POST /user/consumerKeys)',
      outlives: true,
      look: {
        spends: 'operator',
        items: 'results',
        show: ['consumerKey', 'label', 'creation_time'],
        call: LIST_KEYS,
      },
      guide: 'Delete every key that nobody of yours made.',
    },
    {
      what: 'A changed account password (PUT /change-password needs the old one)',
      outlives: true,
      guide: 'Log in and change the password.',
    },
  ],
  dashboard: {
    url: 'https://dashboard.serversmtp.com',
    revoke: ['Change the account password; sessions are not listed.'],
    create: ['Log in again with POST /authorize.'],
    recognise: 'Sessions are not listed in the dashboard.',
    sure: 'inferred',
    source: 'No page of the dashboard for sessions is documented.',
  },
};

export const TURBOSMTP: Provider = {
  id: 'turbosmtp',
  title: 'turboSMTP',
  bases: { main: 'https://pro.api.serversmtp.com/api/v2', smtp: 'smtps://pro.turbo-smtp.com:465' },
  operator: {
    sets: [
      [
        { name: 'email', env: 'TURBOSMTP_EMAIL', secret: false, says: 'e-mail address of the account' },
        { name: 'password', env: 'TURBOSMTP_PASSWORD', secret: true, says: 'password of the account' },
      ],
    ],
    session: {
      token: 'auth',
      open: {
        ...STARTED,
        name: 'authorize',
        method: 'POST',
        base: 'main',
        path: '/authorize',
        auth: { kind: 'none' },
        body: { kind: 'json', value: { email: '{email}', password: '{password}', no_expire: false } },
        effect: 'write',
        errorAt: ERROR_AT,
        answers: [
          { status: 200, where: [{ at: 'auth', present: true }], means: 'ok' },
          { status: 403, where: [{ at: 'message', is: 'wrong_credentials_specified' }], means: 'denied' },
          { status: 429, means: 'limit' },
        ],
      },
      close: {
        ...STARTED,
        name: 'deauthorize',
        method: 'POST',
        base: 'main',
        path: '/deauthorize',
        auth: SESSION,
        effect: 'write',
        errorAt: ERROR_AT,
        answers: [
          { status: 200, means: 'ok' },
          { status: 401, means: 'not-found' },
        ],
      },
      nested: {
        list: {
          ...SUBACCOUNTS,
          name: 'list-subaccounts-of-operator',
          method: 'GET',
          base: 'main',
          path: '/subaccounts/list',
          auth: SESSION,
          effect: 'read',
          errorAt: ERROR_AT,
          answers: [
            { status: 200, where: [{ at: 'results', present: true }], means: 'ok' },
            {
              status: 403,
              where: [{ at: 'message', is: 'feature_not_available_for_active_plan' }],
              means: 'not-found',
            },
          ],
        },
        items: 'results',
        fields: { nestedEmail: 'email' },
        pages: { parameter: 'page', size: 100, sizeParameter: 'limit' },
        open: {
          ...SUBACCOUNTS,
          name: 'authorize-as-subaccount',
          method: 'POST',
          base: 'main',
          path: '/subaccounts/authorize',
          auth: SESSION,
          body: { kind: 'json', value: { email: '{nestedEmail}' } },
          effect: 'write',
          errorAt: ERROR_AT,
          answers: [{ status: 200, where: [{ at: 'auth', present: true }], means: 'ok' }],
        },
        token: 'auth',
      },
    },
  },
  kinds: [PAIR_KIND, SESSION_KIND],
  support: {
    how: 'The contact form, or the address of the SDKs, api@turbo-smtp.com.',
    url: 'https://serversmtp.com/contact-us/',
    sure: 'documented',
    source: 'Contact entries of the official SDKs; no security address is published.',
  },
  unpublished: ['an access log of API calls', 'a list of sessions', 'a signature for webhook events'],
};

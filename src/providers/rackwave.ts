/** MigoSMTP and Telnxo: two platforms of one house, one error table, and no published key endpoint. */
import type { Answer, Call, CredentialKind, ProbeMeaning, Provider } from './declaration.ts';

const KEYS = 'Rackwave article "Generating and managing API keys"';
const SECURITY = 'Rackwave article "API key security"';
const ERRORS = 'https://account.rackwave.io/knowledge-base/article/api-error-codes-reference';
const LIMITS = 'https://account.rackwave.io/knowledge-base/article/understanding-rate-limits-and-throttling';

function coded(status: number, code: string, means: ProbeMeaning): Answer<ProbeMeaning> {
  return { status, where: [{ at: 'error', is: code }], means, sure: 'documented', source: ERRORS };
}

/** The error table. `authentication_failed` and `authentication_required` mean that our request was wrong. */
const ANSWERS: readonly Answer<ProbeMeaning>[] = [
  { status: 200, means: 'live' },
  coded(403, 'insufficient_scope', 'live-limited'),
  coded(403, 'ip_not_whitelisted', 'live-limited'),
  coded(402, 'account_suspended', 'dormant'),
  coded(402, 'account_expired', 'dormant'),
  coded(402, 'quota_exceeded', 'dormant'),
  coded(401, 'invalid_api_key', 'refused'),
  coded(401, 'api_key_expired', 'refused'),
  coded(401, 'authentication_failed', 'unknown'),
  coded(401, 'authentication_required', 'unknown'),
];

function probe(path: string, scope: string): Call<ProbeMeaning> {
  return {
    sure: 'inferred',
    source: `${LIMITS} names the resource; the bare path is our reading of it`,
    name: `read${path.replace('/', '-')}`,
    method: 'GET',
    base: 'main',
    path,
    auth: { kind: 'header', name: 'authorization', value: 'Bearer {secret}' },
    effect: 'read',
    errorAt: ['error'],
    answers: ANSWERS.map((row) => (row.means === 'live' ? { ...row, learn: [{ as: 'scopes', value: scope }] } : row)),
  };
}

interface Platform {
  readonly id: string;
  readonly title: string;
  readonly sister: string;
  readonly app: string;
  readonly api: string;
  readonly menu: string;
  readonly createButton: string;
  readonly probes: readonly Call<ProbeMeaning>[];
  readonly does: string;
  /** Where the platform has an SMTP relay. */
  readonly smtp?: { readonly smtp: string };
}

function keyKind(platform: Platform): CredentialKind {
  return {
    id: `${platform.id}-key`,
    title: `${platform.title} API key`,
    parts: {},
    probes: platform.probes.map((call) => ({ call })),
    identify: { by: 'person' },
    revoke: {
      kind: 'guided',
      why: `${platform.title} publishes no endpoint that revokes a key; the dashboard does, at once`,
      sure: 'documented',
      source: SECURITY,
    },
    order: 'revoke-first',
    settlesWithin: 60,
    collateral: [],
    mints: [
      {
        what: platform.does,
        outlives: false,
        guide:
          'Look at the delivery reports of the exposure window: `unleak logs review --from EXPORT` reads the export.',
      },
      {
        what: 'Templates, suppression list entries, domains and SMTP accounts, as far as the scope of the key reached',
        outlives: true,
        guide: 'Go through each list in the dashboard, newest first. SMTP accounts made by an attacker stay valid.',
      },
      {
        what: 'Webhooks',
        outlives: true,
        guide: 'Compare the webhook addresses in the dashboard with your own.',
      },
    ],
    limits: { keys: 5, sure: 'documented', source: KEYS },
    dashboard: {
      url: `https://${platform.app}`,
      revoke: [
        `Log in at ${platform.app} through the Rackwave portal.`,
        `Click API Keys ${platform.menu}.`,
        'Find the key that ends in the last four characters shown here.',
        'Click Revoke. The key is invalid at once.',
      ],
      create: [
        `Click API Keys ${platform.menu}, then ${platform.createButton}.`,
        'Name it, select the same scope and the same allowed addresses as the old key had.',
        'Copy the key: it is displayed once only.',
      ],
      recognise: 'The list shows name and last four characters of each key, never the whole.',
      sure: 'documented',
      source: KEYS,
    },
  };
}

const SMTP_GUIDE = 'https://account.rackwave.io/knowledge-base/article/smtp-server-settings-host-port-encryption';
const SMTP_RESET = 'https://account.rackwave.io/knowledge-base/article/rotating-and-resetting-smtp-credentials';

/** The relay's own login, which no API key stands for and no revoked key takes along. */
const SMTP_ACCOUNT: CredentialKind = {
  id: 'migosmtp-smtp',
  title: 'MigoSMTP SMTP account',
  parts: { smtpUser: ['migosmtp-smtp-user'] },
  probes: [
    {
      call: {
        name: 'smtp-auth',
        smtp: true,
        base: 'smtp',
        user: '{smtpUser}',
        password: '{secret}',
        codes: { 235: 'live', 535: 'refused' },
        sure: 'documented',
        source: `${SMTP_GUIDE} for host, port and AUTH; RFC 4954 for the codes`,
      },
    },
  ],
  identify: { by: 'person' },
  revoke: {
    kind: 'guided',
    why: 'The password of an SMTP account is reset in the dashboard; no endpoint is published',
    sure: 'documented',
    source: SMTP_RESET,
  },
  // The reset is the replacement: the old password ends when the new one is shown.
  order: 'revoke-first',
  settlesWithin: 60,
  collateral: [],
  mints: [
    {
      what: 'E-mail sent through the relay from your domains',
      outlives: false,
      guide: 'Look at the delivery reports of the exposure window: `unleak logs review --from EXPORT`.',
    },
  ],
  dashboard: {
    url: 'https://app.migosmtp.com',
    revoke: [
      'Log in at app.migosmtp.com through the Rackwave portal and open SMTP Accounts.',
      'Find the account by its user name.',
      'Click Reset Password. Every sender that uses the account needs the new one.',
    ],
    create: ['The reset shows the new password: put it wherever the old one was.'],
    recognise: 'The list shows the user name (smtpuser_ and eight characters) of each account.',
    sure: 'documented',
    source: SMTP_RESET,
  },
};

function declare(about: Platform): Provider {
  return {
    id: about.id,
    title: about.title,
    bases: { main: about.api, ...about.smtp },
    sister: about.sister,
    kinds: [keyKind(about), ...(about.smtp ? [SMTP_ACCOUNT] : [])],
    support: {
      how: 'Rackwave portal: Support, Open New Ticket, priority Critical (it covers account compromise).',
      url: 'https://account.rackwave.io',
      sure: 'documented',
      source: 'Rackwave knowledge base, support articles',
    },
    unpublished: [
      'any endpoint that lists, creates, revokes or rotates keys',
      'prefix, length, alphabet or checksum of a key',
      'an endpoint for the API access log, which the dashboard shows',
      'an endpoint that tells the scopes of a key',
      'an address for security reports',
    ],
  };
}

export const MIGOSMTP: Provider = declare({
  id: 'migosmtp',
  title: 'MigoSMTP',
  sister: 'telnxo',
  app: 'app.migosmtp.com',
  api: 'https://api.migosmtp.com/v1',
  menu: 'in the left sidebar',
  createButton: 'Generate New API Key',
  probes: [probe('/domains', 'admin'), probe('/reports', 'reports:read')],
  does: 'E-mail sent through your domains and addresses, at the cost of your quota',
  smtp: { smtp: 'smtps://smtp.migosmtp.com:465' },
});

export const TELNXO: Provider = declare({
  id: 'telnxo',
  title: 'Telnxo',
  sister: 'migosmtp',
  app: 'app.telnxo.com',
  api: 'https://api.telnxo.com/v1',
  menu: 'in the left sidebar under Developer',
  createButton: 'Create API Key',
  probes: [probe('/templates', 'templates:write'), probe('/reports', 'reports:read')],
  does: 'SMS, voice calls and WhatsApp messages sent at the cost of your quota',
});

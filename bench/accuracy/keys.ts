/**
 * Credentials as their providers describe them, for the labelled corpus. Written from the providers' documentation and
 * from what the keys look like, not from the rules: some here have no rule of their own, on purpose.
 */
import { generateKeyPairSync } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { type Draw, capital } from './draw.ts';

export type Family =
  | 'messaging'
  | 'cloud'
  | 'code and packages'
  | 'payments and shops'
  | 'AI'
  | 'chat and work'
  | 'operations'
  | 'addresses'
  | 'private keys'
  | 'random values'
  | 'named by the service'
  | 'chosen passwords';

export interface Credential {
  readonly value: string;
  /** Names and values of what stands on lines of its own before it, and is no secret. */
  readonly beside?: readonly (readonly [name: string, value: string])[];
}

export interface Shape {
  readonly family: Family;
  readonly id: string;
  /** Names it is given, as environment variables. */
  readonly names: readonly string[];
  make(draw: Draw): Credential;
}

const shape = (family: Family, id: string, names: string, make: (draw: Draw) => string): Shape => ({
  family,
  id,
  names: names.split(' '),
  make: (draw) => ({ value: make(draw) }),
});

const paired = (
  family: Family,
  id: string,
  names: string,
  beside: string,
  makeBeside: (draw: Draw) => string,
  make: (draw: Draw) => string,
): Shape => ({
  family,
  id,
  names: names.split(' '),
  make: (draw) => ({ beside: [[beside, makeBeside(draw)]], value: make(draw) }),
});

const DIGITS62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** GitHub's and npm's last six characters. */
function withChecksum(prefix: string, body: string): string {
  let rest = crc32(body);
  let sum = '';
  for (let i = 0; i < 6; i++) {
    sum = DIGITS62.charAt(rest % 62) + sum;
    rest = Math.floor(rest / 62);
  }
  return prefix + body + sum;
}

function token(draw: Draw): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: draw.pick(['HS256', 'RS256', 'ES256']), typ: 'JWT' });
  const claims = part({
    sub: draw.text('digits', 10),
    iat: 1700000000 + draw.number(0, 60_000_000),
    role: draw.word(),
  });
  return `${head}.${claims}.${draw.text('url', 43)}`;
}

/** A password that a person made up. */
export function chosen(draw: Draw): string {
  const symbol = draw.pick(['!', '@', '#', '$', '%', '*', '?', '&']);
  const leet = (word: string): string =>
    word.replaceAll('a', '@').replaceAll('o', '0').replaceAll('i', '1').replaceAll('e', '3').replaceAll('s', '$');
  return draw.pick([
    () => `${capital(draw.word())}${draw.number(1960, 2025)}${symbol}`,
    () => `${capital(draw.word())}${capital(draw.word())}${draw.number(1, 99)}`,
    () => `${leet(draw.word())}${symbol}${draw.number(10, 999)}`,
    () => `${capital(leet(draw.word()))}_${leet(draw.word())}${symbol}`,
    () => `${draw.word()}${draw.number(100, 9999)}${symbol}${draw.word()}`,
    () => `${draw.text('base62', 4)}${symbol}${draw.word()}${draw.number(10, 99)}`,
  ])();
}

export const passphrase = (draw: Draw): string => draw.words(draw.number(4, 6), draw.pick(['-', '_', '.', '']));

const host = (draw: Draw): string => `${draw.word()}-${draw.number(1, 9)}.${draw.word()}${draw.word()}.net`;

function pem(draw: Draw): string {
  const key = draw.pick(['rsa', 'ec', 'ed25519']);
  const encoding = { format: 'pem', type: 'pkcs8' } as const;
  if (key === 'rsa')
    return String(
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
        format: 'pem',
        type: draw.pick(['pkcs8', 'pkcs1']),
      }),
    ).trim();
  if (key === 'ec')
    return String(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        format: 'pem',
        type: draw.pick(['pkcs8', 'sec1']),
      }),
    ).trim();
  return String(generateKeyPairSync('ed25519').privateKey.export(encoding)).trim();
}

/** As `ssh-keygen` writes it: 70 characters a line, behind a fixed beginning. */
function openssh(draw: Draw): string {
  const body = Buffer.from('openssh-key-v1\0\0\0\0\x04none', 'latin1').toString('base64').slice(0, 28);
  const lines = (body + draw.text('base64', 360)).match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----'].join('\n');
}

/** Of several lines; written by formats of their own. */
export const KEY_BLOCKS: readonly Shape[] = [
  shape('private keys', 'PEM', 'PRIVATE_KEY JWT_PRIVATE_KEY TLS_KEY SIGNING_KEY', pem),
  shape('private keys', 'OpenSSH', 'SSH_PRIVATE_KEY DEPLOY_KEY', openssh),
];

export const SHAPES: readonly Shape[] = [
  // Messaging
  shape('messaging', 'MigoSMTP', 'MIGOSMTP_API_KEY MIGO_SMTP_KEY', (d) => d.text(d.pick(['base62', 'hex']), 40)),
  shape('messaging', 'Telnxo', 'TELNXO_API_KEY TELNXO_TOKEN', (d) => d.text(d.pick(['base62', 'hex']), 40)),
  paired(
    'messaging',
    'turboSMTP',
    'TURBOSMTP_CONSUMER_SECRET',
    'TURBOSMTP_CONSUMER_KEY',
    (d) => d.text('hex', 32),
    (d) => d.text('hex', 32),
  ),
  shape('messaging', 'Mailosaur', 'MAILOSAUR_API_KEY', (d) => d.text('base62', 32)),
  shape(
    'messaging',
    'SendGrid',
    'SENDGRID_API_KEY MAIL_API_KEY',
    (d) => `SG.${d.text('url', 22)}.${d.text('url', 43)}`,
  ),
  paired(
    'messaging',
    'Twilio',
    'TWILIO_AUTH_TOKEN',
    'TWILIO_ACCOUNT_SID',
    (d) => `AC${d.text('hex', 32)}`,
    (d) => d.text('hex', 32),
  ),
  shape('messaging', 'Mailgun', 'MAILGUN_API_KEY', (d) =>
    d.pick([`key-${d.text('hex', 32)}`, `${d.text('hex', 32)}-${d.text('hex', 8)}-${d.text('hex', 8)}`]),
  ),
  shape('messaging', 'Mailchimp', 'MAILCHIMP_API_KEY', (d) => `${d.text('hex', 32)}-us${d.number(1, 21)}`),
  shape(
    'messaging',
    'Brevo',
    'BREVO_API_KEY SENDINBLUE_KEY',
    (d) => `xkeysib-${d.text('hex', 64)}-${d.text('base62', 16)}`,
  ),
  shape('messaging', 'Postmark', 'POSTMARK_SERVER_TOKEN POSTMARK_API_TOKEN', (d) => d.uuid()),
  shape('messaging', 'MailerSend', 'MAILERSEND_API_KEY', (d) => `mlsn.${d.text('hex', 64)}`),
  shape('messaging', 'Resend', 'RESEND_API_KEY', (d) => `re_${d.text('base62', 8)}_${d.text('base62', 24)}`),
  shape('messaging', 'Telnyx', 'TELNYX_API_KEY', (d) => `KEY${d.text('HEX', 32)}_${d.text('base62', 22)}`),
  shape('messaging', 'Vonage', 'VONAGE_API_SECRET NEXMO_API_SECRET', (d) => d.text('base62', 16)),
  paired(
    'messaging',
    'Plivo',
    'PLIVO_AUTH_TOKEN',
    'PLIVO_AUTH_ID',
    (d) => `MA${d.text('big', 18)}`,
    (d) => Buffer.from(d.text('hex', 30)).toString('base64'),
  ),
  shape('messaging', 'Mailtrap', 'MAILTRAP_API_TOKEN', (d) => d.text('hex', 32)),
  shape('messaging', 'SparkPost', 'SPARKPOST_API_KEY', (d) => d.text('hex', 40)),
  shape('messaging', 'MessageBird', 'MESSAGEBIRD_ACCESS_KEY', (d) => d.text('base62', 25)),
  shape('messaging', 'Klaviyo', 'KLAVIYO_PRIVATE_KEY', (d) => `pk_${d.text('hex', 34)}`),
  shape('messaging', 'SMTP2GO', 'SMTP2GO_API_KEY', (d) => `api-${d.text('HEX', 32)}`),
  // Cloud
  paired(
    'cloud',
    'AWS',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_ACCESS_KEY_ID',
    (d) => `AKIA${d.text('base32', 16)}`,
    (d) => d.text('base64', 40),
  ),
  shape('cloud', 'Google API', 'GOOGLE_API_KEY MAPS_SERVER_KEY', (d) => `AIza${d.text('url', 35)}`),
  shape('cloud', 'Google OAuth', 'GOOGLE_CLIENT_SECRET', (d) => `GOCSPX-${d.text('url', 28)}`),
  shape('cloud', 'Azure storage', 'AZURE_STORAGE_KEY STORAGE_ACCOUNT_KEY', (d) => `${d.text('base64', 86)}==`),
  shape('cloud', 'Entra', 'AZURE_CLIENT_SECRET', (d) => `${d.text('base62', 3)}8Q~${d.text('base62', 34)}`),
  shape('cloud', 'DigitalOcean', 'DIGITALOCEAN_TOKEN DO_TOKEN', (d) => `dop_v1_${d.text('hex', 64)}`),
  shape('cloud', 'Heroku', 'HEROKU_API_KEY', (d) => d.uuid()),
  shape('cloud', 'Cloudflare', 'CLOUDFLARE_API_TOKEN', (d) => d.text('url', 40)),
  paired(
    'cloud',
    'Alibaba',
    'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
    'ALIBABA_CLOUD_ACCESS_KEY_ID',
    (d) => `LTAI5t${d.text('base62', 18)}`,
    (d) => d.text('base62', 30),
  ),
  shape('cloud', 'Fastly', 'FASTLY_API_TOKEN', (d) => d.text('url', 32)),
  shape('cloud', 'Linode', 'LINODE_TOKEN', (d) => d.text('hex', 64)),
  shape('cloud', 'PlanetScale', 'PLANETSCALE_SERVICE_TOKEN', (d) => `pscale_tkn_${d.text('url', 43)}`),
  shape('cloud', 'Netlify', 'NETLIFY_AUTH_TOKEN', (d) => `nfp_${d.text('base62', 36)}`),
  // Code and packages
  shape('code and packages', 'GitHub classic', 'GITHUB_TOKEN GH_TOKEN', (d) =>
    withChecksum(d.pick(['ghp_', 'gho_', 'ghs_', 'ghu_']), d.text('base62', 30)),
  ),
  shape('code and packages', 'GitLab', 'GITLAB_TOKEN CI_TOKEN', (d) => `glpat-${d.text('url', 20)}`),
  shape('code and packages', 'npm', 'NPM_TOKEN', (d) => withChecksum('npm_', d.text('base62', 30))),
  shape('code and packages', 'PyPI', 'PYPI_TOKEN TWINE_PASSWORD', (d) => `pypi-AgEIcHlwaS5vcmc${d.text('url', 140)}`),
  shape('code and packages', 'RubyGems', 'GEM_HOST_API_KEY', (d) => `rubygems_${d.text('hex', 48)}`),
  shape('code and packages', 'NuGet', 'NUGET_API_KEY', (d) => `oy2${d.text('small', 43)}`),
  shape('code and packages', 'Docker', 'DOCKER_PASSWORD', (d) => `dckr_pat_${d.text('url', 27)}`),
  shape('code and packages', 'Postman', 'POSTMAN_API_KEY', (d) => `PMAK-${d.text('hex', 24)}-${d.text('hex', 34)}`),
  shape('code and packages', 'Contentful', 'CONTENTFUL_MANAGEMENT_TOKEN', (d) => `CFPAT-${d.text('url', 43)}`),
  shape('code and packages', 'JWT', 'AUTH_TOKEN SERVICE_TOKEN', token),
  // Payments and shops
  shape('payments and shops', 'Stripe', 'STRIPE_SECRET_KEY', (d) =>
    d.pick([`sk_live_${d.text('base62', 24)}`, `sk_live_51${d.text('base62', 97)}`, `rk_live_${d.text('base62', 24)}`]),
  ),
  shape('payments and shops', 'Square', 'SQUARE_ACCESS_TOKEN', (d) => `EAAA${d.text('url', 60)}`),
  shape('payments and shops', 'Shopify', 'SHOPIFY_ACCESS_TOKEN', (d) => `shpat_${d.text('hex', 32)}`),
  shape('payments and shops', 'Razorpay', 'RAZORPAY_KEY_SECRET', (d) => d.text('base62', 24)),
  shape('payments and shops', 'Paystack', 'PAYSTACK_SECRET_KEY', (d) => `sk_live_${d.text('hex', 40)}`),
  shape('payments and shops', 'Flutterwave', 'FLUTTERWAVE_SECRET_KEY', (d) => `FLWSECK-${d.text('hex', 32)}-X`),
  shape('payments and shops', 'Shippo', 'SHIPPO_API_TOKEN', (d) => `shippo_live_${d.text('hex', 40)}`),
  // AI
  shape('AI', 'OpenAI', 'OPENAI_API_KEY', (d) => `sk-proj-${d.text('url', 74)}T3BlbkFJ${d.text('url', 74)}`),
  shape('AI', 'Anthropic', 'ANTHROPIC_API_KEY', (d) => `sk-ant-api03-${d.text('url', 93)}AA`),
  shape('AI', 'Hugging Face', 'HF_TOKEN', (d) => `hf_${d.text('letters', 34)}`),
  shape('AI', 'Groq', 'GROQ_API_KEY', (d) => `gsk_${d.text('base62', 52)}`),
  shape('AI', 'Replicate', 'REPLICATE_API_TOKEN', (d) => `r8_${d.text('base62', 37)}`),
  shape('AI', 'Mistral', 'MISTRAL_API_KEY', (d) => d.text('base62', 32)),
  shape('AI', 'Cohere', 'COHERE_API_KEY', (d) => d.text('base62', 40)),
  shape('AI', 'Perplexity', 'PERPLEXITY_API_KEY', (d) => `pplx-${d.text('base62', 48)}`),
  // Chat and work
  shape(
    'chat and work',
    'Slack bot',
    'SLACK_BOT_TOKEN',
    (d) => `xoxb-${d.text('digits', 12)}-${d.text('digits', 13)}-${d.text('base62', 24)}`,
  ),
  shape(
    'chat and work',
    'Slack webhook',
    'SLACK_WEBHOOK_URL',
    (d) => `https://hooks.slack.com/services/T${d.text('big', 10)}/B${d.text('big', 10)}/${d.text('base62', 24)}`,
  ),
  shape(
    'chat and work',
    'Telegram',
    'TELEGRAM_BOT_TOKEN',
    (d) => `${d.number(1, 9)}${d.text('digits', 9)}:AA${d.text('url', 33)}`,
  ),
  shape(
    'chat and work',
    'Discord',
    'DISCORD_TOKEN',
    (d) => `${Buffer.from(`1${d.text('digits', 17)}`).toString('base64url')}.G${d.text('url', 5)}.${d.text('url', 38)}`,
  ),
  shape('chat and work', 'Notion', 'NOTION_TOKEN', (d) => `ntn_${d.text('digits', 11)}${d.text('base62', 35)}`),
  shape('chat and work', 'Linear', 'LINEAR_API_KEY', (d) => `lin_api_${d.text('base62', 40)}`),
  shape('chat and work', 'Airtable', 'AIRTABLE_TOKEN', (d) => `pat${d.text('base62', 14)}.${d.text('hex', 64)}`),
  shape('chat and work', 'Atlassian', 'JIRA_API_TOKEN', (d) => `ATATT3xFfGF0${d.text('url', 171)}=${d.text('HEX', 8)}`),
  shape('chat and work', 'Figma', 'FIGMA_TOKEN', (d) => `figd_${d.text('url', 40)}`),
  shape('chat and work', 'Asana', 'ASANA_ACCESS_TOKEN', (d) => `1/${d.text('digits', 16)}:${d.text('hex', 32)}`),
  shape('chat and work', 'ClickUp', 'CLICKUP_API_TOKEN', (d) => `pk_${d.text('digits', 8)}_${d.text('big', 32)}`),
  // Operations
  shape('operations', 'Vault', 'VAULT_TOKEN', (d) => `hvs.${d.text('url', 95)}`),
  shape('operations', 'Terraform', 'TFE_TOKEN', (d) => `${d.text('base62', 14)}.atlasv1.${d.text('base62', 67)}`),
  shape('operations', 'Datadog', 'DATADOG_API_KEY DD_API_KEY', (d) => d.text('hex', 32)),
  shape('operations', 'New Relic', 'NEW_RELIC_API_KEY', (d) => `NRAK-${d.text('big', 27)}`),
  shape('operations', 'Grafana', 'GRAFANA_TOKEN', (d) => `glsa_${d.text('base62', 32)}_${d.text('hex', 8)}`),
  shape('operations', 'Sentry', 'SENTRY_AUTH_TOKEN', (d) => d.text('hex', 64)),
  shape('operations', 'Doppler', 'DOPPLER_TOKEN', (d) => `dp.pt.${d.text('base62', 43)}`),
  shape('operations', 'Databricks', 'DATABRICKS_TOKEN', (d) => `dapi${d.text('hex', 32)}`),
  shape('operations', 'Pulumi', 'PULUMI_ACCESS_TOKEN', (d) => `pul-${d.text('hex', 40)}`),
  shape('operations', 'Okta', 'OKTA_API_TOKEN', (d) => `00${d.text('url', 40)}`),
  shape('operations', 'PagerDuty', 'PAGERDUTY_TOKEN', (d) => `u+${d.text('url', 18)}`),
  shape('operations', 'Algolia admin', 'ALGOLIA_ADMIN_KEY', (d) => d.text('hex', 32)),
  // Addresses
  shape(
    'addresses',
    'PostgreSQL',
    'DATABASE_URL',
    (d) => `postgresql://${d.word()}:${d.text('base62', 20)}@${host(d)}:5432/${d.word()}`,
  ),
  shape(
    'addresses',
    'MySQL, chosen',
    'DB_URL',
    (d) => `mysql://${d.word()}:${chosenInUrl(d)}@${host(d)}:3306/${d.word()}`,
  ),
  shape(
    'addresses',
    'MongoDB',
    'MONGODB_URI',
    (d) =>
      `mongodb+srv://${d.word()}:${d.text('base62', 16)}@${d.word()}0.${d.text('small', 5)}.mongodb.net/${d.word()}`,
  ),
  shape('addresses', 'Redis', 'REDIS_URL', (d) => `redis://default:${d.text('base62', 32)}@${host(d)}:6379`),
  shape('addresses', 'AMQP', 'BROKER_URL', (d) => `amqps://${d.word()}:${d.text('url', 32)}@${host(d)}/${d.word()}`),
  shape(
    'addresses',
    'SMTP',
    'MAILER_DSN SMTP_URL',
    (d) => `smtp://${d.word()}%40${d.word()}.net:${d.text('base62', 18)}@${host(d)}:587`,
  ),
  shape(
    'addresses',
    'git over HTTPS',
    'REPOSITORY_URL',
    (d) => `https://${d.word()}:${d.text('base62', 24)}@git.${d.word()}${d.word()}.net/${d.word()}.git`,
  ),
  // What only its name speaks for
  shape('random values', 'letters and digits', 'API_KEY SECRET_KEY ACCESS_TOKEN CLIENT_SECRET APP_SECRET', (d) =>
    d.text('base62', d.number(20, 64)),
  ),
  shape('random values', 'URL-safe base64', 'JWT_SECRET SESSION_SECRET AUTH_SECRET NEXTAUTH_SECRET', (d) =>
    d.text('url', d.pick([32, 43, 64])),
  ),
  shape(
    'random values',
    'base64',
    'ENCRYPTION_KEY COOKIE_SECRET SIGNING_SECRET',
    (d) => `${d.text('base64', d.pick([31, 43, 63]))}=`,
  ),
  shape('random values', 'hexadecimal', 'SECRET_KEY_BASE APP_SECRET WEBHOOK_SECRET API_TOKEN', (d) =>
    d.text('hex', d.pick([32, 40, 64, 128])),
  ),
  shape('random values', 'small letters and digits', 'ACCESS_KEY API_SECRET SERVICE_TOKEN', (d) =>
    d.text('small', d.number(24, 48)),
  ),
  shape('random values', 'UUID', 'API_KEY CLIENT_SECRET ADMIN_TOKEN', (d) => d.uuid()),
  shape('random values', 'password', 'DB_PASSWORD ADMIN_PASSWORD SMTP_PASSWORD PASSWORD', (d) =>
    d.text('base62', d.number(12, 32)),
  ),
  shape(
    'random values',
    'password with signs',
    'DB_PASSWORD MYSQL_ROOT_PASSWORD REDIS_PASSWORD',
    (d) => `${d.text('base62', 7)}${d.pick(['!', '%', '^', '*', '+', '~'])}${d.text('base62', d.number(5, 12))}`,
  ),
  // Most people call the key of a service so, whatever the service.
  shape('named by the service', 'letters and digits', 'WEATHERBIT_KEY GEOCODER_KEY CLARIFAI_KEY SHIPENGINE_KEY', (d) =>
    d.text('base62', d.number(24, 48)),
  ),
  shape('named by the service', 'small letters and digits', 'PIPEDREAM_KEY MAPSERVICE_KEY TRAVELDATA_KEY', (d) =>
    d.text('small', d.number(24, 40)),
  ),
  shape('named by the service', 'hexadecimal', 'FIXERIO_KEY TRANSLATOR_KEY OPENCAGE_KEY', (d) =>
    d.text('hex', d.pick([32, 40, 64])),
  ),
  shape('named by the service', 'UUID', 'BLOCKNATIVE_KEY LOGINRADIUS_KEY', (d) => d.uuid()),
  shape('named by the service', 'short', 'CONVERTER_API_KEY COINLIB_KEY METRILO_TOKEN', (d) =>
    d.text('base62', d.number(16, 19)),
  ),
  shape(
    'named by the service',
    'wallet',
    'PRIVATE_KEY DEPLOYER_KEY RELAYER_PRIVATE_KEY',
    (d) => `0x${d.text('hex', 64)}`,
  ),
  // What people choose
  shape(
    'chosen passwords',
    'password',
    'DB_PASSWORD ADMIN_PASSWORD SMTP_PASSWORD PASSWORD LDAP_PASSWD MYSQL_PWD',
    chosen,
  ),
  shape('chosen passwords', 'passphrase', 'DB_PASSWORD KEY_PASSPHRASE PASSPHRASE BACKUP_PASSWORD', passphrase),
];

function chosenInUrl(draw: Draw): string {
  return chosen(draw).replaceAll(/[@#?%&/]/g, '!');
}

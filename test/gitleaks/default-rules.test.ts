import { describe, expect, test } from 'vitest';

import { OURS_BY_BETTERLEAKS } from '../../src/gitleaks/betterleaks-rules.ts';
import { DEFAULT_IDS, GENERIC_RULES, oursFor, oursForEither, oursOnlyFor } from '../../src/gitleaks/default-rules.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { theirRules } from '../../src/session/old-context.ts';

const place = (rule: string) => ({ commit: null, path: 'a.ts', rule, line: 3, origin: `f:${rule}` });

/** Rules of providers that gitleaks knows, whose kind of secret is in none of its rules. */
const OTHER_KINDS = [
  'airtable-oauth-token',
  'alibaba-sts-secret',
  'alibaba-sts-token',
  'asana-personal-token',
  'atlassian-data-center-token',
  'aws-ses-smtp-password',
  'azure-annotated-key',
  'azure-app-configuration-secret',
  'azure-cognitive-services-key',
  'azure-devops-token',
  'azure-identifiable-key',
  'azure-sas-signature',
  'azure-shared-access-key',
  'azure-storage-account-key',
  'bitbucket-app-password',
  'bitbucket-data-center-token',
  'brevo-smtp-key',
  'bundler-credentials',
  'cloudflare-api-token',
  'contentful-management-token',
  'databricks-oauth-secret',
  'discord-webhook',
  'generic-passphrase',
  'generic-password',
  'generic-password-in-url',
  'gitlab-workspace-token',
  'google-chat-webhook',
  'google-fcm-server-key',
  'google-gemini-auth-key',
  'google-oauth-access-token',
  'google-oauth-client-secret',
  'google-oauth-refresh-token',
  'google-service-account-key',
  'http-basic-credentials',
  'http-session-cookie',
  'jwt-signing-key',
  'kubeadm-bootstrap-token',
  'kubeconfig-token',
  'mailgun-smtp-password',
  'mandrill-api-key',
  'mandrill-webhook-key',
  'mattermost-webhook',
  'messagebird-signing-key',
  'meta-instagram-token',
  'meta-verify-token',
  'microsoft-workflow-url',
  'newrelic-license-key',
  'newrelic-mobile-token',
  'npm-basic-auth',
  'npm-legacy-token',
  'nuget-api-key',
  'openvpn-static-key',
  'private-key-der',
  'private-key-jwk',
  'slack-app-secret',
  'slack-session-cookie',
  'slack-session-token',
  'sourcegraph-license-token',
  'square-oauth-secret',
  'stripe-webhook-secret',
  'twilio-auth-token',
  'twitch-stream-key',
  'vault-unseal-key',
];

describe('ids of gitleaks’ default rules', () => {
  test('have counterparts that exist', () => {
    const known = new Set(BUILTIN_RULES.map(({ id }) => id));
    expect(DEFAULT_IDS.length).toBe(222);
    const ours = DEFAULT_IDS.flatMap((id) => oursFor(id) ?? []);
    expect(ours.length).toBeGreaterThan(200);
    expect(ours.filter((id) => !known.has(id))).toEqual([]);
    for (const id of GENERIC_RULES) expect(oursFor(id)).toBeDefined();
  });

  test('and those of betterleaks alone too', () => {
    const known = new Set(BUILTIN_RULES.map(({ id }) => id));
    const theirs = Object.entries(OURS_BY_BETTERLEAKS);
    expect(theirs.length).toBe(194);
    expect(theirs.flatMap(([, ours]) => ours).filter((id) => !known.has(id))).toEqual([]);
    expect(theirs.filter(([id]) => DEFAULT_IDS.includes(id))).toEqual([]);
    expect(oursFor('crates-io-api-key')).toBeUndefined();
    expect(oursForEither('crates-io-api-key')).toEqual(['cratesio-api-token']);
    expect(oursForEither('github-pat')).toEqual(oursFor('github-pat'));
    for (const id of ['acme', 'constructor', '__proto__']) expect(oursForEither(id)).toBeUndefined();
  });

  // Ids, hosts and public keys: what they name is no secret, or no secret by itself.
  test('have a counterpart each, but those that name no secret', () => {
    const theirs = [...DEFAULT_IDS, ...Object.keys(OURS_BY_BETTERLEAKS)];
    const bare = theirs.filter((id) => oursForEither(id)?.length === 0);
    const names = /-id(?:\.1)?$|-name(?:\.1)?$|-url(?:\.1)?$|-host(?:\.1)?$|-address$|-public-key$|-pub-api-key$/;
    expect(bare.filter((id) => !names.test(id))).toEqual([
      'bittrex-access-key',
      'cloudinary-api-key',
      'ovh-application-key',
    ]);
    expect(bare.length).toBeLessThan(45);
  });

  test('are fewer kinds than ours', () => {
    const theirs = [...DEFAULT_IDS, ...Object.keys(OURS_BY_BETTERLEAKS)].filter(
      (id) => oursForEither(id)?.length !== 0,
    );
    const kinds = new Set(theirs.flatMap((id) => oursForEither(id) ?? []));
    const secrets = BUILTIN_RULES.filter(({ role }) => role === 'secret');
    expect(theirs.length).toBeGreaterThan(360);
    expect(secrets.length).toBeGreaterThan(theirs.length);
    expect(secrets.length).toBeGreaterThan(kinds.size);
  });

  // A new rule of such a provider is given to the ids that mean it, or is said here to be of another kind.
  test('leave no rule out whose provider they know', () => {
    const listed = new Set(DEFAULT_IDS.flatMap((id) => oursFor(id) ?? []));
    const known = new Set(BUILTIN_RULES.filter(({ id }) => listed.has(id)).map(({ provider }) => provider));
    const unlisted = BUILTIN_RULES.filter(
      ({ id, provider, role }) => role === 'secret' && known.has(provider) && !listed.has(id),
    );
    expect(known.size).toBeGreaterThan(100);
    expect(unlisted.map(({ id }) => id).toSorted()).toEqual(OTHER_KINDS.toSorted());
  });

  test('that are no default rule have none, whatever objects are called', () => {
    for (const id of ['acme', 'constructor', '__proto__', 'toString']) expect(oursFor(id)).toBeUndefined();
  });

  test('turn a rule of ours off only together', () => {
    expect(oursOnlyFor(new Set(['vault-service-token']))).toEqual(['vault-legacy-token']);
    expect(oursOnlyFor(new Set(['vault-service-token', 'vault-batch-token'])).toSorted()).toEqual([
      'vault-legacy-token',
      'vault-token',
    ]);
    expect(oursOnlyFor(new Set(['polar-oauth-access-token']))).toEqual([]);
    const polar = ['polar-oauth-access-token', 'polar-organization-access-token', 'polar-personal-access-token'];
    expect(oursOnlyFor(new Set(polar))).toEqual(['polar-access-token']);
  });
});

describe('an entry of another tool', () => {
  const means = async (theirs: string, ours: string): Promise<boolean> =>
    (await theirRules(BUILTIN_RULES, { places: [place(theirs)] })).means(theirs, ours);

  test.each([
    ['github-pat', 'github-pat-classic', true],
    ['github-pat', 'generic-api-key', true],
    ['togetherai-api-key', 'together-api-key', true],
    ['tailscale-api-key.1', 'tailscale-key', true],
    ['togetherai-api-key', 'openai-api-key', false],
    ['github-pat', 'sendgrid-api-key', false],
    ['generic-api-key', 'generic-hex-secret', true],
    // Found by its name; gitleaks has no rule of its own for it.
    ['generic-api-key', 'turbosmtp-consumer-secret', true],
    ['generic-api-key', 'github-pat-classic', false],
    ['acme-token', 'generic-api-key', false],
    ['sendgrid-api-key', 'sendgrid-api-key', true],
    ['constructor', 'generic-api-key', false],
  ])('of %s holds for %s: %s', async (theirs, ours, expected) => {
    expect(await means(theirs, ours)).toBe(expected);
  });

  test('of a rule that nobody has is named', async () => {
    const places = [place('acme-token'), place('github-pat'), place('acme-token')];
    const { remarks } = await theirRules(BUILTIN_RULES, { places });
    expect(remarks).toEqual([expect.stringMatching(/^f:acme-token and 1 more: no rule in force is "acme-token"/)]);
  });
});

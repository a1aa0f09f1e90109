import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';

const engine = createEngine(BUILTIN_RULES);

/** Provider of each named value of the template, over several random fillings. */
function providersOf(template: string): string[] {
  const seen = new Set<string>();
  for (let seed = 0; seed < 10; seed++) {
    const { text, values } = expandTemplate(template, seededRandom(seed), 'test');
    const { findings } = engine.scan(Buffer.from(text));
    for (const [name, value] of values) {
      const found = findings.find(({ secret }) => secret.reveal() === value);
      seen.add(`${name}: ${found?.rule.provider ?? 'not found'}`);
    }
  }
  return [...seen].toSorted();
}

/** Several providers in one file, each with a key under a name that all of them use. */
describe('the provider that is meant is named', () => {
  test.each([
    [
      'JSON',
      '{"mail":{"migosmtp":{"apiKey":"${migosmtp=alnum:32}"},"telnxo":{"apiKey":"${telnxo=alnum:32}"},"mailosaur":{"apiKey":"${mailosaur=alnum:32}"}}}',
    ],
    ['INI', '[telnxo]\napi_key = ${telnxo=alnum:40}\n\n[migosmtp]\napi_key = ${migosmtp=alnum:40}\n'],
    [
      'YAML',
      'services:\n  mailosaur:\n    apiKey: ${mailosaur=alnum:32}\n  rackwave:\n    apiKey: ${rackwave=alnum:32}\n  migosmtp:\n    apiKey: ${migosmtp=alnum:32}\n',
    ],
    [
      'curl, header first',
      "curl -H 'Authorization: Bearer ${migosmtp=alnum:40}' https://api.migosmtp.com/v1/email/send\ncurl -H 'Authorization: Bearer ${telnxo=alnum:40}' https://api.telnxo.com/v1/sms/send\n",
    ],
    [
      'curl, header first, on lines of its own',
      "curl -H 'Authorization: Bearer ${migosmtp=alnum:40}' \\\n  https://api.migosmtp.com/v1/email/send\ncurl -H 'Authorization: Bearer ${telnxo=alnum:40}' \\\n  https://api.telnxo.com/v1/sms/send\n",
    ],
    [
      'curl, host first',
      "curl https://api.migosmtp.com/v1/email/send -H 'Authorization: Bearer ${migosmtp=alnum:40}'\ncurl https://api.telnxo.com/v1/sms/send -H 'Authorization: Bearer ${telnxo=alnum:40}'\n",
    ],
    [
      'constructors',
      "const mail = new MigoSmtpClient({ apiKey: '${migosmtp=alnum:40}' });\nconst sms = new TelnxoClient({ apiKey: '${telnxo=alnum:40}' });\n",
    ],
    [
      'PHP',
      "    'telnxo' => [\n        'key' => '${telnxo=alnum:40}',\n    ],\n    'migosmtp' => [\n        'key' => '${migosmtp=alnum:40}',\n    ],\n",
    ],
    [
      'Stripe beside Rackwave',
      'STRIPE_SECRET_KEY=${stripe=text:sk_live_${alnum:24}}\nRACKWAVE_CLIENT_ID=rw_live_${alnum:24}\nRACKWAVE_CLIENT_SECRET=${rackwave=text:sk_live_${alnum:24}}\n',
    ],
    ['names of their own', 'TELNXO_API_KEY=${telnxo=alnum:40}\nMIGOSMTP_API_KEY=${migosmtp=alnum:40}\n'],
    [
      'another provider between',
      'migosmtp:\n  key: ${migosmtp=alnum:32}\nsendgrid:\n  key: ${sendgrid=text:SG.${alnum:22}.${alnum:43}}\n',
    ],
  ])('in %s', (_, template) => {
    const names = [...template.matchAll(/\$\{([a-z]+)=/g)].map(([, name = '']) => name);
    expect(providersOf(template)).toEqual(names.map((name) => `${name}: ${name}`).toSorted());
  });

  test('a name of no provider is only suspected of the one nearby', () => {
    const { text, values } = expandTemplate(
      'MIGOSMTP_FROM=me@corp.test\nAPI_KEY=${key=alnum:40}\n',
      seededRandom(1),
      'test',
    );
    const [finding] = engine.scan(Buffer.from(text)).findings;
    expect(finding?.secret.reveal()).toBe(values.get('key'));
    expect(finding?.confidence).toBe('medium');
  });
});

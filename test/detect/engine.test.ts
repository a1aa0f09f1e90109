import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { BlobFinding } from '../../src/core/detector.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { linearRegex } from '../../src/detect/linear-regex.ts';
import { assigned, makeRule, pattern } from '../helpers/rules.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Repeatable random text. */
function random(length: number, seed: number): string {
  let state = seed * 2_654_435_761 + 12_345;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return ALPHABET[(state >> 8) % ALPHABET.length] ?? '';
  }).join('');
}

const token = `acm_${random(30, 1)}`;
const value = random(40, 2);

const RULES = [
  makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[A-Za-z0-9]{30})')]),
  makeRule('migosmtp-api-key', [
    assigned(['migosmtp'], '.*migosmtp.*(?:key|token|secret)', '[A-Za-z0-9_.~+/=-]{16,128}'),
    assigned(
      ['api.migosmtp.com'],
      'bearer',
      '[A-Za-z0-9_.~+/=-]{16,128}',
      { before: 1024, after: 1024 },
      { anchor: 'window' },
    ),
  ]),
];
const engine = createEngine(RULES);

function scan(text: string | Uint8Array): readonly BlobFinding[] {
  return engine.scan(typeof text === 'string' ? Buffer.from(text, 'utf8') : text).findings;
}

function secrets(text: string | Uint8Array): string[] {
  return scan(text).map(({ secret }) => secret.reveal());
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a fixed shape ends where its alphabet ends', () => {
  const after = [
    '',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '"',
    "'",
    '`',
    ',',
    ';',
    ')',
    ']',
    '}',
    '>',
    '<',
    '&',
    '#',
    '|',
    '\\n',
    '%0A',
    '.',
  ];
  test.each(after)('before %j', (end) => {
    expect(secrets(`x = ${token}${end}`)).toEqual([token]);
  });

  test.each(['', '\n', '"', '=', '\\n', '%3D', '/', '-', '\u001b[32m', 'é'])('after %j', (start) => {
    expect(secrets(`${start}${token}`)).toEqual([token]);
  });

  test('but not inside a longer token', () => {
    expect(secrets(`${token}x`)).toEqual([]);
    expect(secrets(`x${token}`)).toEqual([]);
  });
});

describe('encoded', () => {
  test.each<[string, string, readonly string[]]>([
    ['base64', `data: ${base64(`some text ${token} more`)}\n`, ['base64']],
    ['base64 after a path', `a/b/c/${base64(token)}`, ['base64']],
    [
      'base64, wrapped',
      base64(`${'lorem ipsum dolor '.repeat(9)}${token} tail`).replaceAll(/(.{64})/g, '$1\n    '),
      ['base64'],
    ],
    ['base64url', Buffer.from(`??>> ${token}`).toString('base64url'), ['base64']],
    ['base64 twice', base64(base64(`hello ${token}`)), ['base64', 'base64']],
    ['hex', Buffer.from(`a ${token}`).toString('hex'), ['hex']],
    ['percent', [...token].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''), ['percent']],
    ['escapes', [...token].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join(''), ['json']],
  ])('%s', (_, text, decoded) => {
    const [finding, ...others] = scan(`first line\n${text}\n`);
    expect(others).toEqual([]);
    expect(finding?.secret.reveal()).toBe(token);
    expect(finding?.decoded).toEqual(decoded);
  });

  test('points at the encoded characters', () => {
    const encoded = base64(token);
    const [finding] = scan(`k: ${encoded}\n`);
    expect(finding?.span).toEqual({ start: 3, end: 3 + encoded.replace(/=+$/, '').length });
  });

  test.each(['utf16le', 'utf-16be', 'utf-32le', 'utf-32be'])('%s with and without a mark', (encoding) => {
    for (const mark of ['\ufeff', ''])
      expect(secrets(wide(`${mark}hello\r\nkey ${token}\r\n`, encoding))).toEqual([token]);
  });

  test.each(['utf16le', 'utf-16be'])('%s without a mark, in other scripts', (encoding) => {
    for (const text of ['Пароль от сервера: ', '这个，是服务器的密码。 ', 'パスワード、です。 ', 'סיסמה לשרת '])
      expect(secrets(wide(`${text.repeat(40)}\r\n"${token}"\r\n${text.repeat(300)}`, encoding))).toEqual([token]);
  });

  test('8-bit text with zero bytes in it is not taken for UTF-16', () => {
    for (const text of ['A=bcd\0E=fghij\0', 'Пароль\0', 'ab\0\x01cd', '密码\0ab'])
      expect(secrets(Buffer.from(`${text.repeat(40)}\0${token}\0${text.repeat(40)}`))).toEqual([token]);
  });

  function wide(text: string, encoding: string): Buffer {
    const little = Buffer.from(text, 'utf16le');
    if (encoding === 'utf16le') return little;
    if (encoding === 'utf-16be') return little.swap16();
    const out = Buffer.alloc(text.length * 4);
    for (let i = 0; i < text.length; i++) {
      if (encoding === 'utf-32le') out.writeUInt32LE(text.charCodeAt(i), i * 4);
      else out.writeUInt32BE(text.charCodeAt(i), i * 4);
    }
    return out;
  }

  test('deeper than the limit is a problem, not a pass', () => {
    const shallow = createEngine(RULES, {
      limits: {
        streamChunk: 1 << 20,
        decodeDepth: 1,
        encodedRun: 1 << 20,
        archiveDepth: 1,
        archiveBytes: 1,
        archiveEntries: 1,
        itemsPerBlob: 10,
      },
    });
    const { findings, problems } = shallow.scan(Buffer.from(base64(base64(`hello ${token}`))));
    expect(findings).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(['DECODE_DEPTH']);
  });

  test('a run longer than the limit is a problem', () => {
    const narrow = createEngine(RULES, {
      limits: {
        streamChunk: 1 << 20,
        decodeDepth: 3,
        encodedRun: 1000,
        archiveDepth: 1,
        archiveBytes: 1,
        archiveEntries: 1,
        itemsPerBlob: 10,
      },
    });
    expect(narrow.scan(Buffer.from(base64(`${random(3000, 3)} ${token}`))).problems.map(({ code }) => code)).toEqual([
      'DECODE_LIMIT',
    ]);
  });
});

describe('assigned', () => {
  const forms: readonly string[] = [
    'MIGOSMTP_API_KEY=@',
    'export MIGOSMTP_API_KEY="@"',
    '{"migosmtp_api_key": "@"}',
    'migosmtp-api-key: @',
    "'migosmtp_key' => '@',",
    'migosmtpKey := "@"',
    '<migosmtpApiKey>@</migosmtpApiKey>',
    '<add key="MigoSmtpApiKey" value="@" />',
    '- name: MIGOSMTP_API_KEY\n  value: "@"',
    "define('MIGOSMTP_API_KEY', '@');",
    'client.setMigosmtpApiKey("@")',
    'os.environ["MIGOSMTP_API_KEY"] = "@"',
    "getenv('MIGOSMTP_API_KEY') ?: '@'",
    "process.env.MIGOSMTP_API_KEY || '@'",
    '${MIGOSMTP_API_KEY:-@}',
    '--migosmtp-api-key @',
    'ENV MIGOSMTP_API_KEY @',
    'curl -H "Authorization: Bearer @" https://api.migosmtp.com/v1/email/send',
    "'Authorization' => 'Bearer ' . '@' // api.migosmtp.com",
    'variable "migosmtp_api_key" {\n  type = string\n  default = "@"\n}',
    'const migosmtpApiKey: string = "@"',
    '{\\"MIGOSMTP_API_KEY\\":\\"@\\"}',
    'MigoSMTP API key: @.',
    '| MIGOSMTP_API_KEY | @ |',
    '{"name":"MIGOSMTP_API_KEY","value":"@"}',
    '<key>MIGOSMTP_API_KEY</key>\n<string>@</string>',
    'migosmtp_api_key: >-\n    @\n',
    'var migosmtpKey string = "@"',
  ];
  test.each(forms)('%s', (form) => {
    expect(secrets(form.replace('@', value))).toEqual([value]);
  });

  test('a Kubernetes value is decoded', () => {
    const [finding] = scan(`data:\n  MIGOSMTP_API_KEY: ${base64(value)}\n`);
    expect(finding?.secret.reveal()).toBe(value);
    expect(finding?.decoded).toEqual(['base64']);
  });

  test.each([
    'apiKey: env("MIGOSMTP_API_KEY")',
    'MIGOSMTP_API_KEY=your_api_key_here_please',
    '$apiKey = getenv("MIGOSMTP_API_KEY");',
    'The MigoSMTP API key documentation-for-developers is here',
    'migosmtp_key: process.env.MIGOSMTP_API_KEY',
    'MIGOSMTP_API_KEY=${MIGOSMTP_API_KEY}',
    'MIGOSMTP_API_KEY=xxxxxxxxxxxxxxxxxxxxxxxx',
  ])('nothing in %s', (text) => {
    expect(secrets(text)).toEqual([]);
  });
});

describe('inline comments', () => {
  test.each(['\n', '\r\n', '\r'])('nextline allows the line below alone, whatever ends it: %j', (end) => {
    const lines = ['# pragma: allowlist nextline secret', `a ${token}`, `b acm_${random(30, 77)}`];
    expect(scan(Buffer.from(lines.join(end))).map(({ allowedBy }) => allowedBy)).toEqual([
      'pragma: allowlist nextline secret',
      null,
    ]);
    const beside = `a ${token} # pragma: allowlist nextline secret`;
    for (const text of [beside, `${beside}${end}`])
      expect(scan(Buffer.from(text)).map(({ allowedBy }) => allowedBy)).toEqual([null]);
  });

  test.each(['unleak:allow', 'gitleaks:allow', 'trufflehog:ignore', 'pragma: allowlist secret'])(
    '%s allows its line and no other',
    (marker) => {
      const findings = scan(`a ${token} # ${marker}\nb acm_${random(30, 9)}\n`);
      expect(findings.map(({ allowedBy }) => allowedBy)).toEqual([marker, null]);
    },
  );
});

describe('inline comments in other texts', () => {
  test('count in UTF-16, not inside an encoded run', () => {
    const wide = scan(Buffer.from(`\ufeffa ${token} # unleak:allow\n`, 'utf16le'));
    expect(wide.map(({ allowedBy }) => allowedBy)).toEqual(['unleak:allow']);
    const encoded = scan(base64(`a ${token} # unleak:allow\n`));
    expect(encoded.map(({ allowedBy }) => allowedBy)).toEqual([null]);
  });
});

describe('windows', () => {
  test('what a decision sees does not depend on what is far away', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(3000), (before, after) => {
        const found = scan(`${'x '.repeat(before)}\nMIGOSMTP_API_KEY=${value}\n${'y '.repeat(after)}`);
        expect(found.map(({ secret, span }) => [secret.reveal(), span.start])).toEqual([
          [value, before * 2 + 1 + 'MIGOSMTP_API_KEY='.length],
        ]);
      }),
      { numRuns: 30 },
    );
  });

  test('no input crashes it, and offsets stay inside', () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom('acm_', 'migosmtp', 'key', '=', '"', '\\', '%', ':', '\n', token, base64(token), '\0', 'ÿ'),
        fc.string(),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(noise, (pieces) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1');
        for (const { span } of engine.scan(bytes).findings) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeLessThanOrEqual(bytes.length);
          expect(span.end).toBeGreaterThan(span.start);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('text full of one literal', () => {
  test('is judged place by place, and every secret in it found once', () => {
    const limits = {
      streamChunk: 1 << 20,
      decodeDepth: 3,
      encodedRun: 1 << 20,
      archiveDepth: 1,
      archiveBytes: 1,
      archiveEntries: 1,
      itemsPerBlob: 1000,
    };
    const keys = Array.from({ length: 1000 }, (_, i) => random(32, 1000 + i));
    const text = keys.map((key) => `POST https://api.migosmtp.com/v1 Bearer ${key}\n`).join('');
    const { findings, problems } = createEngine(RULES, { limits }).scan(Buffer.from(text));
    expect(problems).toEqual([]);
    expect(findings.map(({ secret }) => secret.reveal())).toEqual(keys);
  });

  test('what stands before and after a row of them is reached', () => {
    const row = 'api.migosmtp.com '.repeat(40);
    expect(secrets(`Bearer ${value}\n${row}\nBearer ${random(40, 8)}\n`)).toEqual([value, random(40, 8)]);
  });
});

describe('streams', () => {
  async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  test('find what whole scanning finds, wherever the pieces are cut', async () => {
    const limits = {
      streamChunk: 600_000,
      decodeDepth: 3,
      encodedRun: 1 << 20,
      archiveDepth: 1,
      archiveBytes: 1,
      archiveEntries: 1,
      itemsPerBlob: 1000,
    };
    const streaming = createEngine(RULES, { limits });
    const parts: string[] = [];
    for (let i = 0; i < 60; i++)
      parts.push(
        `${random(20_000 + i * 997, i).replaceAll(/(.{70})/g, '$1\n')}\nMIGOSMTP_API_KEY=${random(32, 100 + i)}\nacm_${random(30, 500 + i)} # ${i % 2 ? 'unleak:allow' : ''}\n`,
      );
    const bytes = Buffer.from(parts.join(''));
    const whole = engine.scan(bytes).findings.map(({ span, allowedBy }) => [span, allowedBy]);
    expect(whole).toHaveLength(120);
    const streamed = await streaming.scanStream({ chunks: chunked(bytes, 65_536) });
    expect(streamed.size).toBe(bytes.length);
    expect(streamed.findings.map(({ span, allowedBy }) => [span, allowedBy])).toEqual(whole);
  });

  test('UTF-16 in pieces', async () => {
    const streaming = createEngine(RULES, {
      limits: {
        streamChunk: 600_000,
        decodeDepth: 3,
        encodedRun: 1 << 20,
        archiveDepth: 1,
        archiveBytes: 1,
        archiveEntries: 1,
        itemsPerBlob: 1000,
      },
    });
    const bytes = Buffer.from(
      `\ufeff${'some words and a line\n'.repeat(40_000)}${token}\n${'more words\n'.repeat(40_000)}`,
      'utf16le',
    );
    const { findings } = await streaming.scanStream({ chunks: chunked(bytes, 50_001) });
    expect(
      findings.map(({ secret, span }) => [secret.reveal(), bytes.subarray(span.start, span.end).toString('utf16le')]),
    ).toEqual([[token, token]]);
  });
});

describe('pairs', () => {
  const paired = createEngine([
    makeRule('pair-secret', [assigned(['consumersecret'], 'consumersecret', '[A-Za-z0-9]{32}')], {
      parts: [{ rule: 'pair-key', within: 2000, absence: 'lowers', sameLength: true }],
    }),
    makeRule('pair-key', [assigned(['consumerkey'], 'consumerkey', '[0-9a-f]{20}|[0-9a-f]{32}')], {
      role: 'identifier',
    }),
  ]);
  const hex = (length: number, seed: number): string =>
    Buffer.from(random(length, seed)).toString('hex').slice(0, length);

  test('are joined by distance and length', () => {
    const text = `consumerKey: ${hex(20, 1)}\nconsumerKey: ${hex(32, 2)}\nconsumerSecret: ${random(32, 3)}\n`;
    const { findings, loose } = paired.scan(Buffer.from(text));
    expect(findings.map(({ confidence, parts }) => [confidence, parts.map(({ secret }) => secret.reveal())])).toEqual([
      ['high', [hex(32, 2)]],
    ]);
    expect(loose.map(({ secret }) => secret.reveal())).toEqual([hex(20, 1)]);
  });

  test('a secret without its key is less sure; a key alone is no leak', () => {
    expect(
      paired.scan(Buffer.from(`consumerSecret: ${random(32, 3)}`)).findings.map(({ confidence }) => confidence),
    ).toEqual(['medium']);
    expect(paired.scan(Buffer.from(`consumerKey: ${hex(32, 2)}`)).findings).toEqual([]);
  });
});

describe('rules of other people', () => {
  const exploding = makeRule('user-rule', [pattern(['boom'], '(?<secret>boom(a|aa|a?a?)*b{40})', { after: 4096 })], {
    untrusted: true,
  });

  test('need the linear-time engine', () => {
    expect(() => createEngine([exploding]).scan(Buffer.from('boom'))).toThrow(
      expect.objectContaining({ code: 'RULE_NEEDS_LINEAR_ENGINE' }),
    );
  });

  test('cannot explode in it', () => {
    const guarded = createEngine([exploding], { linearRegex });
    expect(guarded.scan(Buffer.from(`boom${'a'.repeat(4000)}`)).findings).toEqual([]);
    const key = 'b'.repeat(40);
    expect(guarded.scan(Buffer.from(`boomaa${key}`)).findings).toHaveLength(0);
    const plain = createEngine(
      [makeRule('user-plain', [pattern(['usr_'], '(?<secret>usr_[A-Za-z0-9]{20,30})')], { untrusted: true })],
      { linearRegex },
    );
    expect(plain.scan(Buffer.from(`k=usr_${random(24, 5)};`)).findings.map(({ secret }) => secret.reveal())).toEqual([
      `usr_${random(24, 5)}`,
    ]);
  });
});

/**
 * What text that is made to keep the engine busy costs, on one core.
 *
 *   npx tsx bench/hostile.ts [filter…] [--literals] [--profile]
 *
 * Prints seconds of processor time per megabyte at 1 and at 4 MB. Expected:
 * under 1 s/MB each, and a ratio near 1 (growth in proportion to size). With
 * `--literals`, the ten dearest of all literals repeated.
 */
import { gzipSync } from 'node:zlib';

import { detectorFor } from '../src/session/detector.ts';
import type { Detector } from '../src/core/detector.ts';
import { literalSet } from '../src/prefilter/literal-set.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';
import { type Random, seededRandom } from '../src/rules/random.ts';

const MB = 1_000_000;
const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

type Make = (size: number, random: Random) => Uint8Array;

function text(random: Random, length: number, alphabet = BASE62): string {
  let out = '';
  for (let i = 0; i < length; i++) out += alphabet.charAt(random.below(alphabet.length));
  return out;
}

const fill =
  (piece: string): Make =>
  (size) =>
    Buffer.alloc(size, piece, 'latin1');

/** Distinct pieces up to a size. */
const many =
  (piece: (random: Random, index: number) => string): Make =>
  (size, random) => {
    const parts: string[] = [];
    for (let held = 0, i = 0; held < size; i++) {
      const part = piece(random, i);
      parts.push(part);
      held += part.length;
    }
    return Buffer.from(parts.join('').slice(0, size), 'latin1');
  };

const base64 = (value: string): string => Buffer.from(value, 'latin1').toString('base64');
const hexOf = (value: string): string => Buffer.from(value, 'latin1').toString('hex');
const percent = (value: string): string => [...value].map((one) => `%${hexOf(one)}`).join('');
const escaped = (value: string): string => [...value].map((one) => `\\u00${hexOf(one)}`).join('');

const INPUTS: Readonly<Record<string, Make>> = {
  'ordinary code': fill('const apiKey = process.env.API_KEY; // the key of the service\nexport function one() {}\n'),
  'mailosaur repeated': fill('mailosaur'),
  'mailosaur, a line each': fill('mailosaur\n'),
  'eyJ repeated': fill('eyJ'),
  'eyJ. repeated': fill('eyJhbGciOiJIUzI1NiJ9.'),
  'bearer lines': many((random) => `Authorization: Bearer ${text(random, 40)}\n`),
  'bearer bearer': fill('bearer '),
  'key= in one line': many((random) => `key=${text(random, 12)}&`),
  'api_key: lines': many((random, i) => `api_key_${i}: "${text(random, 32)}"\n`),
  'weak passwords': many((_, i) => `password = "hunter${i}x!"\n`),
  'turbosmtp ids': many((random) => `turbosmtp consumer_key ${text(random, 32, '0123456789abcdef')}\n`),
  'PEM headers': fill('-----BEGIN RSA PRIVATE KEY-----\n'),
  'PEM without end': (size, random) =>
    Buffer.from(`-----BEGIN PRIVATE KEY-----\n${text(random, size)}`.slice(0, size), 'latin1'),
  'alternating quotes': fill('"\'`"\'`="\'`'),
  'quotes and names': fill('apikey"\'"\'='),
  'secret( repeated': fill('secret('),
  'long names': fill('my_api_key_secret_token_password.'),
  'equal signs': fill('token===='),
  brackets: fill('token[{('),
  backslashes: fill('key\\\\\\\\\\"'),
  'deep JSON escapes': (size) => {
    let value = '{"api_key":"x"}';
    while (value.length < size) value = JSON.stringify({ token: value, k: value });
    return Buffer.from(value.slice(0, size), 'latin1');
  },
  'unicode escapes': fill(escaped('ghp_')),
  'percent escapes': fill(percent('ghp_')),
  'html entities': fill('key=&amp;&#46;'),
  'base64 of prefixes': (size) => Buffer.from(base64('ghp_'.repeat(size / 5)).slice(0, size), 'latin1'),
  'base64 words': many((random) => `${base64(`api_key=${text(random, 16)}`)} `),
  'base64 twice': many((random) => `${base64(base64(`token ghp_${text(random, 30)}`))}\n`),
  'base64 lines': many((random) => `${base64(`ghp_${text(random, 53)}`)}\n`),
  'hex of prefixes': fill(hexOf('ghp_AKIA')),
  'nested base64': (size) => {
    let value = 'ghp_';
    while (value.length < size) value = base64(`${value} token ghp_ ${value}`);
    return Buffer.from(value.slice(0, size), 'latin1');
  },
  'UTF-16 words': (size) => Buffer.from('api_key = '.repeat(size / 20), 'utf16le'),
  'UTF-16 in bytes': fill(`\x80${[...'ghp_token key '].join('\0')}\0`),
  'allow marks': fill('unleak:allow\n'),
  'allow marks in one line': fill('unleak:allow '),
  'keys in one line': many((random) => `AKIA${text(random, 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')} `),
  'keys and secrets': many(
    (random) => `AKIA${text(random, 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')} aws_secret=${text(random, 40)}\n`,
  ),
  'account SIDs': many(
    (random) => `AC${text(random, 32, '0123456789abcdef')} ${text(random, 32, '0123456789abcdef')}\n`,
  ),
  'connection strings': many((random) => `postgres://user:${text(random, 12)}@host/db `),
  'http://a:b@': fill('http://a:b@'),
  '://:@ repeated': fill('://:@'),
  'a zip bomb of prefixes': (size) => gzipSync(Buffer.alloc(size * 16, 'key=eyJ')),
};

const detector = await detectorFor(BUILTIN_RULES);

function seconds(scanner: Detector, bytes: Uint8Array): number {
  const before = process.cpuUsage();
  scanner.scan(bytes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function report(name: string, make: Make): void {
  const [small = 0, large = 0] = [1, 4].map((scale) => {
    const bytes = make(scale * MB, seededRandom(scale));
    return seconds(detector, bytes) / scale;
  });
  const note = large >= 1 ? '  SLOW' : '';
  const grows = large > 1.5 * small && large > 0.2 ? '  GROWS' : '';
  console.log(`${name.padEnd(26)} ${small.toFixed(2).padStart(7)} ${large.toFixed(2).padStart(7)} s/MB${note}${grows}`);
}

function dearestLiterals(): void {
  const plain = literalSet(BUILTIN_RULES, []).literals.filter(({ form }) => form === 'plain');
  const costs = plain.flatMap(({ bytes }) => {
    const spelled = Buffer.from(bytes).toString('latin1');
    return [spelled, `${spelled} `, `${spelled}=`, `${spelled}\n`, `"${spelled}":"`].map((piece) => ({
      piece,
      cost: seconds(detector, Buffer.alloc(MB / 20, piece, 'latin1')) * 20,
    }));
  });
  for (const { piece, cost } of costs.toSorted((a, b) => b.cost - a.cost).slice(0, 25))
    console.log(`${JSON.stringify(piece).padEnd(40)} ${cost.toFixed(2).padStart(7)} s/MB`);
}

const words = process.argv.slice(2);
const filters = words.filter((word) => !word.startsWith('--'));
detector.scan(Buffer.alloc(2 * MB, 'warming up: api_key = "0123456789abcdef"\n'));
if (words.includes('--literals')) dearestLiterals();
else
  for (const [name, make] of Object.entries(INPUTS))
    if (filters.length === 0 || filters.some((filter) => name.includes(filter))) report(name, make);

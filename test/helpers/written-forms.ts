/**
 * Every way the named providers' credentials are written, as templates: the
 * values are made at run time. Recall is measured over these.
 */
import type { Random } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';

/** One name and its value, spelled as each language would. */
export interface Entry {
  /** `MIGOSMTP_API_KEY` */
  readonly env: string;
  /** `migosmtpApiKey` */
  readonly camel: string;
  /** `MigosmtpApiKey` */
  readonly pascal: string;
  /** `migosmtp_api_key` */
  readonly snake: string;
  /** `migosmtp-api-key` */
  readonly kebab: string;
  /** `migosmtp.api.key` */
  readonly dotted: string;
  /** Without the provider: `apiKey`, `api_key`, `ApiKey`. */
  readonly field: { readonly camel: string; readonly snake: string; readonly pascal: string };
  readonly value: string;
}

export interface Sample {
  /** The brand's id. */
  readonly id: string;
  readonly provider: string;
  /** Rules that may report it. */
  readonly rules: readonly string[];
  /** What must be found, exactly. */
  readonly secret: string;
  /** Identifier first, where there is one; the secret last. */
  readonly entries: readonly Entry[];
  /** `MigoSMTP` */
  readonly brand: string;
  /** `MigoSmtp`, as in class names. */
  readonly type: string;
  /** `migosmtp` */
  readonly lower: string;
  readonly host: string;
  readonly url: string;
  /** The header line that carries the secret alone, if the provider has one. */
  readonly bearer: boolean;
  /** Host of the SMTP servers, where the credential is one of SMTP too. */
  readonly smtp: string | null;
}

export interface Form {
  readonly id: string;
  readonly applies?: (sample: Sample) => boolean;
  readonly write: (sample: Sample) => string | Uint8Array;
}

interface Brand {
  readonly id: string;
  readonly provider: string;
  readonly rules: readonly string[];
  readonly brand: string;
  readonly type: string;
  readonly host: string;
  readonly url: string;
  readonly bearer: boolean;
  readonly smtp?: string;
  readonly fields: readonly (readonly string[])[];
  /** Templates of credentials: the identifier as `id`, the secret as `secret`. */
  readonly shapes: readonly string[];
}

const TOKENS = ['hex', 'alnum', 'base64url', 'lower-alnum'].flatMap((alphabet) =>
  [16, 20, 24, 32, 40, 43, 48, 64, 86, 96, 128].map((length) => `\${secret=${alphabet}:${length}}`),
);
const PREFIXED = ['live_', 'test_', 'mk_live_', 'sk-', 'key-', 'prod_'].flatMap((prefix) => [
  `\${secret=text:${prefix}\${alnum:32}}`,
  `\${secret=text:${prefix}\${hex:40}}`,
]);

export const BRANDS: readonly Brand[] = [
  {
    id: 'migosmtp',
    provider: 'migosmtp',
    rules: ['migosmtp-api-key'],
    brand: 'MigoSMTP',
    type: 'MigoSmtp',
    host: 'api.migosmtp.com',
    url: 'https://api.migosmtp.com/v1/email/send',
    bearer: true,
    fields: [['api', 'key']],
    shapes: [...TOKENS, ...PREFIXED],
  },
  {
    id: 'migosmtp SMTP',
    provider: 'migosmtp',
    rules: ['migosmtp-smtp-password'],
    brand: 'MigoSMTP',
    type: 'MigoSmtp',
    host: 'smtp.migosmtp.com',
    url: 'smtp://smtp.migosmtp.com:587',
    bearer: false,
    smtp: 'smtp.migosmtp.com',
    fields: [
      ['smtp', 'user'],
      ['smtp', 'password'],
    ],
    shapes: ['${id=text:smtpuser_${hex:8}}${secret=alnum:32}'],
  },
  {
    id: 'telnxo',
    provider: 'telnxo',
    rules: ['telnxo-api-key'],
    brand: 'Telnxo',
    type: 'Telnxo',
    host: 'api.telnxo.com',
    url: 'https://api.telnxo.com/v1/sms/send',
    bearer: true,
    fields: [['api', 'key']],
    shapes: [...TOKENS, ...PREFIXED],
  },
  {
    id: 'rackwave',
    provider: 'rackwave',
    rules: ['rackwave-api-key'],
    brand: 'Rackwave',
    type: 'Rackwave',
    host: 'api.rackwave.io',
    url: 'https://api.rackwave.io/v1/leads',
    bearer: true,
    fields: [['api', 'key']],
    shapes: [...TOKENS, ...PREFIXED],
  },
  {
    id: 'turbosmtp',
    provider: 'turbosmtp',
    rules: ['turbosmtp-consumer-secret'],
    brand: 'turboSMTP',
    type: 'TurboSmtp',
    host: 'pro.api.serversmtp.com',
    url: 'https://api.turbo-smtp.com/api/v2/mail/send',
    bearer: false,
    smtp: 'pro.turbo-smtp.com',
    fields: [
      ['consumer', 'key'],
      ['consumer', 'secret'],
    ],
    shapes: ['${id=hex:32}${secret=alnum:32}', '${id=hex:20}${secret=alnum:20}'],
  },
  {
    id: 'mailosaur',
    provider: 'mailosaur',
    rules: ['mailosaur-api-key'],
    brand: 'Mailosaur',
    type: 'Mailosaur',
    host: 'mailosaur.com',
    url: 'https://mailosaur.com/api/servers',
    bearer: true,
    fields: [['api', 'key']],
    // Mostly the form in use; the two old ones less often.
    shapes: [
      '${secret=alnum:32}',
      '${secret=alnum:32}',
      '${secret=alnum:32}',
      '${secret=alnum:15}',
      '${secret=alnum:16}',
    ],
  },
];

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
const pascalOf = (words: readonly string[]): string => words.map(capital).join('');
const camelOf = ([first = '', ...rest]: readonly string[]): string => first + pascalOf(rest);

function entry(brand: Brand, field: readonly string[], value: string): Entry {
  const words = [brand.provider, ...field];
  return {
    env: words.join('_').toUpperCase(),
    camel: camelOf(words),
    pascal: pascalOf(words),
    snake: words.join('_'),
    kebab: words.join('-'),
    dotted: words.join('.'),
    field: { camel: camelOf(field), snake: field.join('_'), pascal: pascalOf(field) },
    value,
  };
}

/** A random well-formed credential of the provider. */
export function sampleOf(brand: Brand, random: Random): Sample {
  const shape = brand.shapes[random.below(brand.shapes.length)] ?? '';
  const { values } = expandTemplate(shape, random, brand.provider);
  const secret = values.get('secret') ?? '';
  const fieldValues = brand.fields.length > 1 ? [values.get('id') ?? '', secret] : [secret];
  return {
    id: brand.id,
    provider: brand.provider,
    rules: brand.rules,
    secret,
    entries: brand.fields.map((field, i) => entry(brand, field, fieldValues[i] ?? '')),
    brand: brand.brand,
    type: brand.type,
    lower: brand.provider,
    host: brand.host,
    url: brand.url,
    bearer: brand.bearer,
    smtp: brand.smtp ?? null,
  };
}

type Line = (entry: Entry) => string;

/** One line for every entry. */
const lines =
  (line: Line, glue = '\n', around: readonly [string, string] = ['', '\n']) =>
  ({ entries }: Sample): string =>
    around[0] + entries.map(line).join(glue) + around[1];

const form = (id: string, write: Form['write'], applies?: Form['applies']): Form =>
  applies === undefined ? { id, write } : { id, write, applies };

const hasBearer = ({ bearer }: Sample): boolean => bearer;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const phpString = (text: string): string => `s:${text.length}:"${text}";`;

/** What may stand behind a value; the value itself is unquoted unless the delimiter is a quote. */
// oxfmt-ignore
const DELIMITERS: readonly Form[] = [
  form('delimiter: end of file', lines((e) => `${e.env}=${e.value}`, '\n', ['', ''])),
  form('delimiter: newline', lines((e) => `${e.env}=${e.value}`, '\n', ['', '\nOTHER=1\n'])),
  form('delimiter: CRLF', lines((e) => `${e.env}=${e.value}`, '\r\n', ['', '\r\nOTHER=1\r\n'])),
  form('delimiter: space', lines((e) => `${e.env}=${e.value} `, '', ['', 'node app.js\n'])),
  form('delimiter: tab', lines((e) => `${e.env}=${e.value}\t`, '', ['', '# mail\n'])),
  form('delimiter: double quote', lines((e) => `${e.env}="${e.value}"`)),
  form('delimiter: single quote', lines((e) => `${e.env}='${e.value}'`)),
  form('delimiter: backtick', lines((e) => `${e.env}=\`${e.value}\``)),
  form('delimiter: comma', lines((e) => `${e.env}=${e.value},`, '', ['vars: ', 'OTHER=1\n'])),
  form('delimiter: semicolon', lines((e) => `${e.env}=${e.value};`, ' ', ['', ' node app.js\n'])),
  form('delimiter: )', lines((e) => `(${e.env}=${e.value})`)),
  form('delimiter: ]', lines((e) => `[${e.env}=${e.value}]`)),
  form('delimiter: }', lines((e) => `{${e.env}=${e.value}}`)),
  form('delimiter: >', lines((e) => `<set ${e.env}=${e.value}>`)),
  form('delimiter: <', lines((e) => `<b>${e.env}=${e.value}</b>`)),
  form('delimiter: &', lines((e) => `${e.snake}=${e.value}&`, '', ['', 'from=me'])),
  form('delimiter: #', lines((e) => `${e.env}=${e.value}#mail`)),
  form('delimiter: |', lines((e) => `${e.env}=${e.value}|base64`)),
  form('delimiter: \\n', lines((e) => `${e.env}=${e.value}\\n`, '', ['content: "', 'OTHER=1\\n"'])),
  form('delimiter: %0A', lines((e) => `${e.env}=${e.value}%0A`, '', ['body=', 'OTHER=1'])),
  form('delimiter: full stop', lines((e) => `Set ${e.env}=${e.value}. `, '', ['', 'Then restart.\n'])),
  form('delimiter: code span', lines((e) => `Put \`${e.env}=${e.value}\` in the file.`)),
];

// oxfmt-ignore
const FILES: readonly Form[] = [
  form('.env with spaces', lines((e) => `${e.env} = ${e.value}`)),
  form('.env under a vite prefix', lines((e) => `VITE_${e.env}=${e.value}`)),
  form('.env, name with suffix', lines((e) => `${e.env}_PROD=${e.value}`)),
  form('INI section', (s) => lines((e) => `${e.field.snake} = ${e.value}`, '\n', [`[${s.lower}]\n`, '\n'])(s)),
  form('INI, flat', lines((e) => `${e.snake}=${e.value}`, '\n', ['[mail]\n', '\n'])),
  form('properties', lines((e) => `${e.dotted}=${e.value}`)),
  form('properties with colon', lines((e) => `${e.dotted}: ${e.value}`)),
  form('TOML', lines((e) => `${e.snake} = "${e.value}"`)),
  form('TOML table', (s) => lines((e) => `${e.field.snake} = "${e.value}"`, '\n', [`[mail.${s.lower}]\n`, '\n'])(s)),
  form('JSON, flat', lines((e) => `  "${e.env}": "${e.value}"`, ',\n', ['{\n', '\n}\n'])),
  form('JSON, one line', lines((e) => `"${e.camel}":"${e.value}"`, ',', ['{', '}'])),
  form('JSON, nested', (s) =>
    lines((e) => `    "${e.field.camel}": "${e.value}"`, ',\n', [`{\n  "${s.lower}": {\n`, '\n  }\n}\n'])(s),
  ),
  form('JSON in JSON', (s) => JSON.stringify({ body: JSON.stringify(fields(s, 'snake')) })),
  form('JSON in JSON in JSON', (s) => JSON.stringify({ log: JSON.stringify({ body: JSON.stringify(fields(s, 'camel')) }) })),
  form('appsettings.json', (s) =>
    lines((e) => `    "${e.field.pascal}": "${e.value}"`, ',\n', [`{\n  "${s.type}": {\n`, '\n  }\n}\n'])(s),
  ),
  form('YAML, flat', lines((e) => `${e.snake}: ${e.value}`)),
  form('YAML, quoted', lines((e) => `${e.camel}: '${e.value}'`)),
  form('YAML, nested', (s) => lines((e) => `    ${e.field.snake}: ${e.value}`, '\n', [`mail:\n  ${s.lower}:\n`, '\n'])(s)),
  form('YAML flow map', lines((e) => `${e.camel}: ${e.value}`, ', ', ['mail: { ', ' }\n'])),
  form('YAML flow list', lines((e) => `--${e.kebab}, ${e.value}`, ', ', ['args: [', ', --verbose]\n'])),
  form('YAML folded scalar', lines((e) => `${e.snake}: >-\n  ${e.value}`)),
  form('YAML list of name and value', lines((e) => `  - name: ${e.env}\n    value: ${e.value}`, '\n', ['env:\n', '\n'])),
  form('YAML list of name and value, quoted', lines((e) => `  - name: ${e.env}\n    value: "${e.value}"`, '\n', ['env:\n', '\n'])),
  form('Compose list', lines((e) => `      - ${e.env}=${e.value}`, '\n', ['    environment:\n', '\n'])),
  form('Compose map', lines((e) => `      ${e.env}: ${e.value}`, '\n', ['    environment:\n', '\n'])),
  form('Dockerfile ENV with =', lines((e) => `ENV ${e.env}=${e.value}`)),
  form('Dockerfile ENV with space', lines((e) => `ENV ${e.env} ${e.value}`)),
  form('Dockerfile ARG', lines((e) => `ARG ${e.env}="${e.value}"`)),
  form('Kubernetes data (base64)', lines((e) => `  ${e.env}: ${base64(e.value)}`, '\n', ['kind: Secret\ndata:\n', '\n'])),
  form('Kubernetes data, line break encoded', lines((e) => `  ${e.kebab}: ${base64(`${e.value}\n`)}`, '\n', ['kind: Secret\ndata:\n', '\n'])),
  form('Kubernetes stringData', lines((e) => `  ${e.kebab}: ${e.value}`, '\n', ['kind: Secret\nstringData:\n', '\n'])),
  form('Helm --set', (s) => lines((e) => `--set ${s.lower}.${e.field.camel}=${e.value}`, ' ', ['helm upgrade app . ', '\n'])(s)),
  form('systemd unit', lines((e) => `Environment="${e.env}=${e.value}"`, '\n', ['[Service]\n', '\n'])),
  form('workflow env', lines((e) => `          ${e.env}: ${e.value}`, '\n', ['        env:\n', '\n'])),
  form('Terraform variable', lines((e) => `variable "${e.snake}" {\n  type    = string\n  default = "${e.value}"\n}`)),
  form('tfvars', lines((e) => `${e.snake} = "${e.value}"`)),
  form('HCL map', lines((e) => `    ${e.env} = "${e.value}"`, '\n', ['environment {\n  variables = {\n', '\n  }\n}\n'])),
  form('XML element', lines((e) => `  <${e.camel}>${e.value}</${e.camel}>`, '\n', ['<config>\n', '\n</config>\n'])),
  form('XML appSettings', lines((e) => `    <add key="${e.pascal}" value="${e.value}" />`)),
  form('XML entry', lines((e) => `<entry key="${e.dotted}">${e.value}</entry>`)),
  form('Android strings', lines((e) => `<string name="${e.snake}">${e.value}</string>`)),
  form('plist', lines((e) => `\t<key>${e.pascal}</key>\n\t<string>${e.value}</string>`)),
  form('HTML input', lines((e) => `<input type="hidden" name="${e.snake}" value="${e.value}">`)),
  form('Postman environment', lines((e) => `{"key":"${e.camel}","value":"${e.value}","enabled":true}`, ',', ['{"values":[', ']}'])),
  form('CSV', lines((e) => `${e.env},${e.value}`)),
  form('Markdown table', lines((e) => `| ${e.env} | ${e.value} |`)),
  form('Markdown bold', (s) => lines((e) => `- **${s.brand} ${e.field.snake.replace('_', ' ')}:** ${e.value}`)(s)),
  form('prose', (s) => lines((e) => `The ${s.brand} ${e.field.snake.replace('_', ' ')} is ${e.value}.`)(s)),
  form('prose with colon', (s) => lines((e) => `${s.brand} ${e.field.snake.replace('_', ' ')}: ${e.value}`)(s)),
  form('log line', lines((e) => `${e.env}=${e.value}`, ' ', ['2026-01-02T03:04:05Z INFO starting with ', '\n'])),
  form('diff', lines((e) => `+${e.env}=${e.value}`)),
  form('SQL insert', lines((e) => `('${e.snake}', '${e.value}')`, ', ', ['INSERT INTO settings (name, value) VALUES ', ';\n'])),
  form('WordPress option (serialised)', (s) => `a:${s.entries.length}:{${s.entries.map((e) => phpString(e.snake) + phpString(e.value)).join('')}}`),
  form('notebook', lines((e) => `    "${e.env} = \\"${e.value}\\"\\n"`, ',\n', ['{"cells": [{"source": [\n', '\n]}]}'])),
  form('base64 of a .env file', (s) => `ENV_FILE: ${base64(`NODE_ENV=production\n${lines((e) => `${e.env}=${e.value}`)(s)}`)}\n`),
  form('hex of a .env file', (s) => Buffer.from(`NODE_ENV=production\n${lines((e) => `${e.env}=${e.value}`)(s)}`).toString('hex')),
  form('percent-encoded', (s) => `state=${encodeURIComponent(JSON.stringify(fields(s, 'snake')))}`),
  form('\\u-escaped', (s) => `{"config":"{\\u0022${s.entries.map((e) => `${e.camel}\\u0022:\\u0022${e.value}`).join('\\u0022,\\u0022')}\\u0022}"}`),
  form('UTF-16 file', (s) => Buffer.from(`\uFEFF${lines((e) => `${e.env}=${e.value}`, '\r\n')(s)}`, 'utf16le')),
];

function fields(sample: Sample, spelling: 'snake' | 'camel'): Record<string, string> {
  return Object.fromEntries(sample.entries.map((e) => [e[spelling], e.value]));
}

// oxfmt-ignore
const CODE: readonly Form[] = [
  form('shell export', lines((e) => `export ${e.env}=${e.value}`)),
  form('shell export, quoted', lines((e) => `export ${e.env}="${e.value}"`)),
  form('shell default', lines((e) => `KEY_${e.field.snake}="\${${e.env}:-${e.value}}"`)),
  form('fish', lines((e) => `set -x ${e.env} ${e.value}`)),
  form('cmd set', lines((e) => `set ${e.env}=${e.value}`, '\r\n')),
  form('setx', lines((e) => `setx ${e.env} "${e.value}"`, '\r\n')),
  form('PowerShell', lines((e) => `$env:${e.env} = "${e.value}"`, '\r\n')),
  form('docker run -e', lines((e) => `-e ${e.env}=${e.value}`, ' ', ['docker run ', ' app\n'])),
  form('docker run --env, quoted', lines((e) => `--env "${e.env}=${e.value}"`, ' ', ['docker run ', ' app\n'])),
  form('option with space', lines((e) => `--${e.kebab} ${e.value}`, ' ', ['send ', '\n'])),
  form('option with =', lines((e) => `--${e.kebab}=${e.value}`, ' ', ['send ', '\n'])),
  form('heroku config:set', lines((e) => `${e.env}=${e.value}`, ' ', ['heroku config:set ', ' --app x\n'])),
  form('JavaScript constant', lines((e) => `const ${e.camel} = '${e.value}';`)),
  form('JavaScript upper constant', lines((e) => `const ${e.env} = "${e.value}";`)),
  form('JavaScript template literal', lines((e) => `let ${e.camel} = \`${e.value}\`;`)),
  form('TypeScript constant', lines((e) => `export const ${e.camel}: string = '${e.value}';`)),
  form('TypeScript field', lines((e) => `  private readonly ${e.camel}: string = '${e.value}';`)),
  form('JavaScript object', lines((e) => `  ${e.camel}: '${e.value}',`, '\n', ['module.exports = {\n', '\n};\n'])),
  form('JavaScript nested object', (s) => lines((e) => `${e.field.camel}: '${e.value}'`, ', ', [`const mail = { ${s.lower}: { `, ' } };\n'])(s)),
  form('process.env ||', lines((e) => `const ${e.field.camel} = process.env.${e.env} || '${e.value}';`)),
  form('process.env ??', lines((e) => `const ${e.field.camel} = process.env.${e.env} ?? '${e.value}';`)),
  form("process.env['…'] ||", lines((e) => `const ${e.field.camel} = process.env['${e.env}'] || '${e.value}';`)),
  form('process.env =', lines((e) => `process.env.${e.env} = '${e.value}';`)),
  form('SDK constructor, object (JavaScript)', (s) => lines((e) => `${e.field.camel}: '${e.value}'`, ', ', [`const client = new ${s.type}({ `, ' });\n'])(s)),
  form('SDK constructor, lines', (s) => lines((e) => `  ${e.field.camel}: "${e.value}",`, '\n', [`const client = new ${s.type}Client({\n`, '\n});\n'])(s)),
  form('C array', lines((e) => `char ${e.camel}[] = "${e.value}";`)),
  form('C array with its size', lines((e) => `static const char ${e.snake}[${e.value.length + 1}] PROGMEM = "${e.value}";`)),
  form('PHP define', lines((e) => `define('${e.env}', '${e.value}');`)),
  form('PHP define, spaced', lines((e) => `define( "${e.env}", "${e.value}" );`)),
  form('PHP variable', lines((e) => `$${e.camel} = '${e.value}';`)),
  form('PHP constant', lines((e) => `    const ${e.env} = '${e.value}';`)),
  form('PHP array', lines((e) => `    '${e.snake}' => '${e.value}',`)),
  form('PHP nested array', (s) => lines((e) => `        '${e.field.snake}' => '${e.value}',`, '\n', [`    '${s.lower}' => [\n`, '\n    ],\n'])(s)),
  form('PHP env with default', lines((e) => `'${e.field.snake}' => env('${e.env}', '${e.value}'),`)),
  form('PHP getenv ?:', lines((e) => `$${e.field.camel} = getenv('${e.env}') ?: '${e.value}';`)),
  form('PHP putenv', lines((e) => `putenv("${e.env}=${e.value}");`)),
  form('PHP $_ENV', lines((e) => `$_ENV['${e.env}'] = '${e.value}';`)),
  form('PHP property', lines((e) => `    private string $${e.camel} = '${e.value}';`)),
  form('PHP setter', lines((e) => `$config->set${e.pascal}('${e.value}');`)),
  form('update_option', lines((e) => `update_option( '${e.snake}', '${e.value}' );`)),
  form('Python constant', lines((e) => `${e.env} = "${e.value}"`)),
  form('Python annotated', lines((e) => `${e.snake}: str = "${e.value}"`)),
  form('Python dictionary', lines((e) => `    '${e.snake}': '${e.value}',`, '\n', ['SETTINGS = {\n', '\n}\n'])),
  form('Python os.environ', lines((e) => `os.environ["${e.env}"] = "${e.value}"`)),
  form('Python os.getenv default', lines((e) => `${e.field.snake} = os.getenv("${e.env}", "${e.value}")`)),
  form('Python os.environ.get default', lines((e) => `${e.field.snake} = os.environ.get('${e.env}', '${e.value}')`)),
  form('Python setdefault', lines((e) => `os.environ.setdefault('${e.env}', '${e.value}')`)),
  form('Python keyword arguments', (s) => lines((e) => `${e.field.snake}="${e.value}"`, ', ', [`client = ${s.type}Client(`, ')\n'])(s)),
  form('Python default argument', lines((e) => `${e.snake}='${e.value}'`, ', ', ['def send(', '):\n'])),
  form('Ruby ENV', lines((e) => `ENV['${e.env}'] = '${e.value}'`)),
  form('Ruby ENV ||', lines((e) => `${e.field.snake} = ENV['${e.env}'] || '${e.value}'`)),
  form('Ruby ENV.fetch', lines((e) => `${e.field.snake} = ENV.fetch('${e.env}', '${e.value}')`)),
  form('Ruby ENV.fetch block', lines((e) => `${e.field.snake} = ENV.fetch("${e.env}") { "${e.value}" }`)),
  form('Ruby symbol', lines((e) => `  ${e.snake}: '${e.value}',`)),
  form('Ruby hash rocket', lines((e) => `  :${e.snake} => "${e.value}",`)),
  form('Ruby configuration', lines((e) => `  config.${e.snake} = "${e.value}"`)),
  form('Go :=', lines((e) => `\t${e.camel} := "${e.value}"`)),
  form('Go const', lines((e) => `const ${e.pascal} = "${e.value}"`)),
  form('Go typed var', lines((e) => `var ${e.camel} string = "${e.value}"`)),
  form('Go raw string', lines((e) => `\t${e.camel} = \`${e.value}\``)),
  form('Go struct', lines((e) => `\t\t${e.pascal}: "${e.value}",`, '\n', ['\tcfg := Config{\n', '\n\t}\n'])),
  form('Go os.Setenv', lines((e) => `\tos.Setenv("${e.env}", "${e.value}")`)),
  form('Java constant', lines((e) => `    private static final String ${e.env} = "${e.value}";`)),
  form('Java field', lines((e) => `    String ${e.camel} = "${e.value}";`)),
  form('Java setProperty', lines((e) => `System.setProperty("${e.dotted}", "${e.value}");`)),
  form('Java setter', lines((e) => `    settings.set${e.pascal}("${e.value}");`)),
  form('Java builder', (s) => lines((e) => `        .${e.field.camel}("${e.value}")`, '\n', [`    ${s.type}Client client = ${s.type}Client.builder()\n`, '\n        .build();\n'])(s)),
  form('Spring @Value default', lines((e) => `@Value("\${${e.dotted}:${e.value}}")`)),
  form('Kotlin val', lines((e) => `    val ${e.camel}: String = "${e.value}"`)),
  form('Gradle buildConfigField', lines((e) => `buildConfigField "String", "${e.env}", "\\"${e.value}\\""`)),
  form('C# constant', lines((e) => `    public const string ${e.pascal} = "${e.value}";`)),
  form('C# property', lines((e) => `    public string ${e.pascal} { get; set; } = "${e.value}";`)),
  form('C# initialiser', (s) => lines((e) => `${e.field.pascal} = "${e.value}"`, ', ', [`var options = new ${s.type}Options { `, ' };\n'])(s)),
  form('C# SetEnvironmentVariable', lines((e) => `Environment.SetEnvironmentVariable("${e.env}", "${e.value}");`)),
  form('C# indexer', lines((e) => `configuration["${e.pascal}"] = "${e.value}";`)),
  form('Swift', lines((e) => `let ${e.camel} = "${e.value}"`)),
  form('Rust const', lines((e) => `const ${e.env}: &str = "${e.value}";`)),
  form('Rust set_var', lines((e) => `std::env::set_var("${e.env}", "${e.value}");`)),
  form('Elixir config', (s) => lines((e) => `${e.field.snake}: "${e.value}"`, ', ', [`config :app, :${s.lower}, `, '\n'])(s)),
  form('Elixir put_env', lines((e) => `System.put_env("${e.env}", "${e.value}")`)),
  form('R Sys.setenv', lines((e) => `${e.env} = "${e.value}"`, ', ', ['Sys.setenv(', ')\n'])),
  form('Perl hash', lines((e) => `    ${e.snake} => '${e.value}',`)),
  form('Perl %ENV', lines((e) => `$ENV{${e.env}} = '${e.value}';`)),
  form('Dart const', lines((e) => `const String ${e.camel} = '${e.value}';`)),
  form('Lua', lines((e) => `local ${e.snake} = "${e.value}"`)),
  form('Scala', lines((e) => `val ${e.camel} = "${e.value}"`)),
  form('commented out', lines((e) => `// const ${e.camel} = '${e.value}';`)),
  form('CodeIgniter .env', lines((e) => `${e.camel.replace(capital(e.field.camel), '')}.${e.field.camel} = '${e.value}'`)),
];

// oxfmt-ignore
const BEARER: readonly Form[] = [
  form('SDK constructor', (s) => `const client = new ${s.type}('${s.secret}');\n`),
  form('SDK client constructor', (s) => `const client = new ${s.type}Client("${s.secret}");\n`),
  form('SDK call without new', (s) => `client = ${s.type}Client('${s.secret}')\n`),
  form('SDK constructor, broken over lines', (s) => `var client = new ${s.type}Client(\n    "${s.secret}"\n);\n`),
  form('Go NewClient', (s) => `client := ${s.lower}.NewClient("${s.secret}")\n`),
  form('Go New', (s) => `client := ${s.lower}.New("${s.secret}")\n`),
  form('curl, host first', (s) => `curl -X POST ${s.url} \\\n  -H "Authorization: Bearer ${s.secret}" \\\n  -d '{}'\n`),
  form('curl, header first', (s) => `curl -H 'Authorization: Bearer ${s.secret}' -H 'Accept: application/json' ${s.url}\n`),
  form('curl --header', (s) => `curl --request GET --url ${s.url} --header 'authorization: Bearer ${s.secret}'\n`),
  form('curl in JSON', (s) => JSON.stringify({ scripts: { send: `curl -H "Authorization: Bearer ${s.secret}" ${s.url}` } })),
  form('httpie', (s) => `http POST ${s.url} "Authorization: Bearer ${s.secret}"\n`),
  form('wget', (s) => `wget --header="Authorization: Bearer ${s.secret}" ${s.url}\n`),
  form('.http file', (s) => `POST ${s.url}\nAuthorization: Bearer ${s.secret}\nContent-Type: application/json\n\n{}\n`),
  form('raw request', (s) => `GET /v1/x HTTP/1.1\r\nHost: ${s.host}\r\nAuthorization: Bearer ${s.secret}\r\n\r\n`),
  form('HAR header', (s) => `{"url":"${s.url}","headers":[{"name":"Authorization","value":"Bearer ${s.secret}"}]}`),
  form('Postman header', (s) => `{"header":[{"key":"Authorization","value":"Bearer ${s.secret}","type":"text"}],"url":{"raw":"${s.url}"}}`),
  form('Postman bearer', (s) => `{"auth":{"type":"bearer","bearer":[{"key":"token","value":"${s.secret}","type":"string"}]},"url":"${s.url}"}`),
  form('fetch', (s) => `await fetch('${s.url}', {\n  method: 'POST',\n  headers: {\n    'Authorization': 'Bearer ${s.secret}',\n  },\n});\n`),
  form('fetch, template literal', (s) => `await fetch(\`${s.url}\`, { headers: { Authorization: \`Bearer ${s.secret}\` } });\n`),
  form('fetch, key in a constant', (s) => `const apiKey = '${s.secret}';\nawait fetch('${s.url}', {\n  headers: { Authorization: \`Bearer \${apiKey}\` },\n});\n`),
  form('axios.create', (s) => `const http = axios.create({\n  baseURL: 'https://${s.host}/v1',\n  headers: { common: { Authorization: 'Bearer ${s.secret}' } },\n});\n`),
  form('Python requests', (s) => `requests.post(\n    '${s.url}',\n    headers={'Authorization': 'Bearer ${s.secret}'},\n)\n`),
  form('Python, f-string and constant', (s) => `API_KEY = "${s.secret}"\n\nrequests.post("${s.url}", headers={"Authorization": f"Bearer {API_KEY}"})\n`),
  form('PHP cURL header', (s) => `$ch = curl_init('${s.url}');\ncurl_setopt($ch, CURLOPT_HTTPHEADER, [\n    'Authorization: Bearer ${s.secret}',\n]);\n`),
  form('PHP cURL, key in a variable', (s) => `$apiKey = '${s.secret}';\n$ch = curl_init('${s.url}');\ncurl_setopt($ch, CURLOPT_HTTPHEADER, ['Authorization: Bearer ' . $apiKey]);\n`),
  form('Guzzle', (s) => `$client->post('${s.url}', ['headers' => ['Authorization' => 'Bearer ${s.secret}']]);\n`),
  form('Go Header.Set', (s) => `req, _ := http.NewRequest("POST", "${s.url}", body)\nreq.Header.Set("Authorization", "Bearer ${s.secret}")\n`),
  form('Go Header.Set, joined', (s) => `req, _ := http.NewRequest("POST", "${s.url}", body)\nreq.Header.Add("Authorization", "Bearer "+"${s.secret}")\n`),
  form('Java header', (s) => `HttpRequest.newBuilder(URI.create("${s.url}"))\n    .header("Authorization", "Bearer ${s.secret}")\n`),
  form('C# AuthenticationHeaderValue', (s) => `client.BaseAddress = new Uri("${s.url}");\nclient.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "${s.secret}");\n`),
  form('Ruby Net::HTTP', (s) => `uri = URI('${s.url}')\nreq['Authorization'] = 'Bearer ${s.secret}'\n`),
  form('YAML with base address', (s) => `mailer:\n  base_url: https://${s.host}/v1\n  api_key: ${s.secret}\n`),
  form('x-api-key header', (s) => `curl ${s.url} -H 'X-API-Key: ${s.secret}'\n`),
];

const RACKWAVE: readonly Form[] = [
  form(
    'key in the query string',
    (s) => `https://${s.host}/v1/x?api_key=${encodeURIComponent(s.secret)}&to=me\n`,
    ({ id }) => id === 'migosmtp' || id === 'telnxo',
  ),
];

// oxfmt-ignore
const SMTP: readonly Form[] = [
  form('SMTP DSN', (s) => `MAILER_DSN=smtp://${pair(s)}@${s.smtp}:587\n`),
  form('SMTPS address', (s) => `transport = "smtps://${pair(s)}@${s.smtp}:465"\n`),
  form('SMTP settings (.env)', (s) => `SMTP_HOST=${s.smtp}\nSMTP_PORT=587\nSMTP_USER=${userOf(s)}\nSMTP_PASS=${s.secret}\n`),
  form('SMTP settings (Laravel)', (s) => `MAIL_MAILER=smtp\nMAIL_HOST=${s.smtp}\nMAIL_PORT=587\nMAIL_USERNAME=${userOf(s)}\nMAIL_PASSWORD="${s.secret}"\n`),
  form('SMTP settings (Django)', (s) => `EMAIL_HOST = '${s.smtp}'\nEMAIL_HOST_USER = '${userOf(s)}'\nEMAIL_HOST_PASSWORD = '${s.secret}'\n`),
  form('SMTP settings (Spring)', (s) => `spring.mail.host=${s.smtp}\nspring.mail.username=${userOf(s)}\nspring.mail.password=${s.secret}\n`),
  form('SMTP settings (Rails)', (s) => `  address: '${s.smtp}',\n  user_name: '${userOf(s)}',\n  password: '${s.secret}',\n`),
  form('PHPMailer', (s) => `$mail->Host = '${s.smtp}';\n$mail->Username = '${userOf(s)}';\n$mail->Password = '${s.secret}';\n`),
  form('nodemailer', (s) => `nodemailer.createTransport({\n  host: '${s.smtp}',\n  auth: { user: '${userOf(s)}', pass: '${s.secret}' },\n});\n`),
  form('smtplib', (s) => `server = smtplib.SMTP("${s.smtp}", 587)\nserver.login("${userOf(s)}", "${s.secret}")\n`),
  form('C# NetworkCredential', (s) => `var client = new SmtpClient("${s.smtp}", 587);\nclient.Credentials = new NetworkCredential("${userOf(s)}", "${s.secret}");\n`),
  form('swaks', (s) => `swaks --server ${s.smtp} --auth-user ${userOf(s)} --auth-password ${s.secret}\n`),
  form('msmtp', (s) => `host ${s.smtp}\nuser ${userOf(s)}\npassword ${s.secret}\n`),
  form('Postfix sasl_passwd', (s) => `[${s.smtp}]:587 ${pair(s)}\n`),
  form('curl -u', (s) => `curl smtp://${s.smtp}:587 -u ${pair(s)} --mail-from a@b.c\n`),
].map((each) => ({ ...each, applies: (sample: Sample) => sample.smtp !== null }));

// oxfmt-ignore
const TURBOSMTP: readonly Form[] = [
  form('headers in curl', lines((e) => `-H '${e.field.camel}: ${e.value}'`, ' ', ['curl -X POST https://api.turbo-smtp.com/api/v2/mail/send ', " -d '{}'\n"])),
  form('headers in curl, double quotes', lines((e) => `  -H "${e.field.pascal}: ${e.value}" \\\n`, '', ['curl \\\n', '  https://pro.api.serversmtp.com/api/v2/analytics\n'])),
  form('headers in fetch', lines((e) => `    ${e.field.camel}: '${e.value}',`, '\n', ["fetch('https://api.turbo-smtp.com/api/v2/mail/send', {\n  headers: {\n", '\n  },\n});\n'])),
  form('headers in requests', lines((e) => `'${e.field.camel}': '${e.value}'`, ', ', ["requests.post('https://api.eu.turbo-smtp.com/api/v2/mail/send', headers={", '})\n'])),
  form('headers in PHP', lines((e) => `    '${e.field.camel}: ${e.value}',`, '\n', ["$ch = curl_init('https://api.turbo-smtp.com/api/v2/mail/send');\ncurl_setopt($ch, CURLOPT_HTTPHEADER, [\n", '\n]);\n'])),
  form('.http headers', lines((e) => `${e.field.camel}: ${e.value}`, '\n', ['POST https://api.turbo-smtp.com/api/v2/mail/send\n', '\nContent-Type: application/json\n\n{}\n'])),
  form('PHP SDK setters', lines((e) => `    ->set${e.field.pascal}('${e.value}')`, '\n', ['$config = (new TurboSMTPClientConfiguration())\n', '\n    ->build();\n'])),
  form('PHP SDK setters, one a line', lines((e) => `$configBuilder->set${e.field.pascal}("${e.value}");`, '\n', ['use API_TurboSMTP_Invoker\\TurboSMTP;\n', '\n'])),
  form('C# SDK builder', lines((e) => `    .Set${e.field.pascal}("${e.value}")`, '\n', ['var configuration = new TurboSMTPClientConfiguration.Builder()\n', '\n    .Build();\n'])),
  form('unprefixed names near the host', lines((e) => `${e.field.snake.toUpperCase()}=${e.value}`, '\n', ['API_BASE=https://pro.api.serversmtp.com/api/v2\n', '\n'])),
  form('unprefixed pair without context', lines((e) => `${e.field.snake.toUpperCase()}=${e.value}`)),
  form('Symfony api DSN', (s) => `MAILER_DSN=turbosmtp+api://${pair(s)}@default\n`),
  form('Symfony smtp DSN', (s) => `MAILER_DSN=turbosmtp+smtp://${pair(s)}@pro.eu.turbo-smtp.com\n`),
  form('Symfony DSN in quotes', (s) => `    dsn: 'turbosmtp+api://${pair(s)}@default?region=eu'\n`),
  form('TURBOSMTP_SMTP_PASSWORD', (s) => `TURBOSMTP_SMTP_USER=${userOf(s)}\nTURBOSMTP_SMTP_PASSWORD=${s.secret}\n`),
  form('AUTH_PASS_TSMTP', (s) => `AUTH_USER_TSMTP=${userOf(s)}\nAUTH_PASS_TSMTP=${s.secret}\n`),
  form('WordPress ts_auth_options', (s) => `ts_auth_options|a:2:{${s.entries.map((e) => phpString(e.field.snake) + phpString(e.value)).join('')}}`),
].map((each) => ({ ...each, applies: ({ id }: Sample) => id === 'turbosmtp' }));

function userOf({ entries }: Sample): string {
  return entries[0]?.value ?? '';
}

function pair(sample: Sample): string {
  return `${userOf(sample)}:${sample.secret}`;
}

// oxfmt-ignore
const MAILOSAUR: readonly Form[] = [
  form('Cypress env', (s) => `module.exports = defineConfig({\n  env: {\n    MAILOSAUR_API_KEY: "${s.secret}",\n  },\n});\n`),
  form('Cypress environment variable', (s) => `CYPRESS_MAILOSAUR_API_KEY=${s.secret} npx cypress run\n`),
  form('cypress.env.json', (s) => `{\n  "MAILOSAUR_API_KEY": "${s.secret}",\n  "MAILOSAUR_SERVER": "abcd1234"\n}\n`),
  form('cypress run --env', (s) => `cypress run --env MAILOSAUR_API_KEY=${s.secret},MAILOSAUR_SERVER=abcd1234\n`),
  form('curl -u api:KEY', (s) => `curl -u api:${s.secret} https://mailosaur.com/api/servers\n`),
  form('curl -u KEY:', (s) => `curl -u "${s.secret}:" https://mailosaur.com/api/messages?server=abcd1234\n`),
  form('curl --user, host first', (s) => `curl https://mailosaur.com/api/servers --user '${s.secret}:'\n`),
  form('Basic KEY:', (s) => `curl https://mailosaur.com/api/servers -H "Authorization: Basic ${base64(`${s.secret}:`)}"\n`),
  form('Basic api:KEY', (s) => `GET https://mailosaur.com/api/servers\nAuthorization: Basic ${base64(`api:${s.secret}`)}\n`),
  form('Basic in fetch', (s) => `fetch('https://mailosaur.com/api/servers', { headers: { Authorization: 'Basic ${base64(`${s.secret}:`)}' } });\n`),
  form('address with KEY:', (s) => `const url = 'https://${s.secret}:@mailosaur.com/api/servers';\n`),
  form('address with api:KEY', (s) => `url: https://api:${s.secret}@mailosaur.com/api/servers\n`),
  form('requests auth', (s) => `requests.get('https://mailosaur.com/api/servers', auth=('${s.secret}', ''))\n`),
  form('axios auth', (s) => `axios.get('https://mailosaur.com/api/servers', { auth: { username: '${s.secret}', password: '' } });\n`),
  form('Java SDK', (s) => `MailosaurClient mailosaur = new MailosaurClient("${s.secret}");\n`),
  form('C# SDK', (s) => `var mailosaur = new MailosaurClient("${s.secret}");\n`),
  form('Go SDK', (s) => `m := mailosaur.New("${s.secret}")\n`),
  form('Ruby SDK', (s) => `mailosaur = Mailosaur::MailosaurClient.new('${s.secret}')\n`),
  form('PHP SDK', (s) => `$client = new MailosaurClient('${s.secret}');\n`),
  form('PHP SDK, qualified', (s) => `$client = new \\Mailosaur\\MailosaurClient('${s.secret}');\n`),
  form('Python SDK', (s) => `mailosaur = MailosaurClient("${s.secret}")\n`),
  form('apiKey next to the server id', (s) => `const apiKey = '${s.secret}';\nconst serverId = 'abcd1234';\nconst to = \`x@\${serverId}.mailosaur.net\`;\n`),
].map((each) => ({ ...each, applies: ({ id }: Sample) => id === 'mailosaur' }));

export const FORMS: readonly Form[] = [
  ...DELIMITERS,
  ...FILES,
  ...CODE,
  ...BEARER.map((each) => ({ ...each, applies: hasBearer })),
  ...RACKWAVE,
  ...SMTP,
  ...TURBOSMTP,
  ...MAILOSAUR,
];

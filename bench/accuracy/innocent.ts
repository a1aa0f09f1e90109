/** What looks like a secret and is none. Each kind gives lines, and most the file that they belong in. */
import { createHash, generateKeyPairSync } from 'node:crypto';

import { type Draw, capital } from './draw.ts';

export interface Innocent {
  readonly kind: string;
  /** A file of its own; else the lines go among others. */
  readonly path?: (draw: Draw) => string;
  readonly lines: (draw: Draw) => string[];
}

const base64 = (draw: Draw, length: number): string => draw.text('base64', length);
const integrity = (draw: Draw): string => `sha512-${base64(draw, 86)}==`;
const digest = (draw: Draw): string => createHash('sha256').update(draw.text('base62', 9)).digest('hex');
const version = (draw: Draw): string => `${draw.number(0, 9)}.${draw.number(0, 30)}.${draw.number(0, 20)}`;
const many = (count: number, line: () => string | string[]): string[] => Array.from({ length: count }, line).flat();
const js = (draw: Draw): string => `src/${draw.word()}/${draw.word()}.js`;
const md = (draw: Draw): string => `docs/${draw.words(2, '-')}.md`;

const MASKS = [
  'xxxxxxxxxxxxxxxxxxxxxxxx',
  '****************',
  '<your-key-here>',
  'YOUR_API_KEY',
  'your-secret-here',
  'changeme',
  'REPLACE_ME',
  'insert_your_token_here',
  '0000000000000000000000000000000000',
  '12345678901234567890',
  'abcdefghijklmnopqrstuvwxyz',
  '...',
];
const NAMES = [
  'API_KEY',
  'SECRET_KEY',
  'ACCESS_TOKEN',
  'CLIENT_SECRET',
  'AUTH_TOKEN',
  'DB_PASSWORD',
  'STRIPE_SECRET_KEY',
  'SENDGRID_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'GITHUB_TOKEN',
];
const LABELS = [
  'password',
  'apiKey',
  'secret',
  'accessToken',
  'clientSecret',
  'passwordConfirm',
  'resetToken',
  'privateKey',
];
const PROSE = [
  'Passwort vergessen?',
  'Mot de passe oublié',
  'Введите пароль',
  'Contraseña incorrecta',
  'パスワードを入力してください',
  'Enter your password again',
  'Your API key has been copied',
  'Token has expired, sign in again',
  'The secret must be at least 16 characters',
];

export const INNOCENTS: readonly Innocent[] = [
  {
    kind: 'UUIDs',
    path: (d) => `src/${d.word()}/ids.ts`,
    lines: (d) =>
      many(8, () =>
        d.pick([
          `  ${d.word()}Id: '${d.uuid()}',`,
          `const ${d.word()}_ID = "${d.uuid()}";`,
          `  { id: '${d.uuid()}', token_type: 'bearer' },`,
        ]),
      ),
  },
  {
    kind: 'commit ids',
    path: (d) => `docs/${d.word()}-changes.md`,
    lines: (d) =>
      many(8, () =>
        d.pick([
          `* ${d.words(5, ' ')} ([${d.text('hex', 7)}](https://git.test/${d.word()}/commit/${d.text('hex', 40)}))`,
          `commit ${d.text('hex', 40)}`,
          `      uses: ${d.word()}/${d.word()}@${d.text('hex', 40)} # v${d.number(1, 9)}`,
        ]),
      ),
  },
  {
    kind: 'checksums',
    path: () => 'SHA256SUMS',
    lines: (d) => many(10, () => `${digest(d)}  ${d.words(2, '-')}-${version(d)}.tar.gz`),
  },
  {
    kind: 'checksums',
    path: (d) => `recipes/${d.word()}.bb`,
    lines: (d) => [
      `SRC_URI[sha256sum] = "${digest(d)}"`,
      `SRC_URI[md5sum] = "${d.text('hex', 32)}"`,
      `LIC_FILES_CHKSUM = "file://LICENSE;md5=${d.text('hex', 32)}"`,
      `  sha256 "${digest(d)}"`,
      `  hash = "sha256-${base64(d, 43)}=";`,
    ],
  },
  {
    kind: 'lock files',
    path: () => 'package-lock.json',
    lines: (d) => [
      '{',
      '  "packages": {',
      ...many(12, () => {
        const name = d.words(2, '-');
        const at = version(d);
        return [
          `    "node_modules/${name}": {`,
          `      "version": "${at}",`,
          `      "resolved": "https://registry.test/${name}/-/${name}-${at}.tgz",`,
          `      "integrity": "${integrity(d)}"`,
          '    },',
        ];
      }),
      '  }',
      '}',
    ],
  },
  {
    kind: 'lock files',
    path: () => 'yarn.lock',
    lines: (d) =>
      many(10, () => {
        const name = d.words(2, '-');
        const at = version(d);
        return [
          `${name}@^${at}:`,
          `  version "${at}"`,
          `  resolved "https://registry.test/${name}/-/${name}-${at}.tgz#${d.text('hex', 40)}"`,
          `  integrity ${integrity(d)}`,
          '',
        ];
      }),
  },
  {
    kind: 'lock files',
    path: () => 'Cargo.lock',
    lines: (d) =>
      many(10, () => [
        '[[package]]',
        `name = "${d.pick(['secret', 'token', 'api-key', d.word()])}-${d.word()}"`,
        `version = "${version(d)}"`,
        `checksum = "${digest(d)}"`,
        '',
      ]),
  },
  {
    kind: 'lock files',
    path: () => 'go.sum',
    lines: (d) => many(10, () => `git.test/${d.word()}/${d.word()} v${version(d)} h1:${base64(d, 43)}=`),
  },
  {
    kind: 'lock files',
    path: () => 'poetry.lock',
    lines: (d) =>
      many(8, () => [
        '[[package]]',
        `name = "${d.word()}"`,
        `    {file = "${d.word()}-${version(d)}.whl", hash = "sha256:${digest(d)}"},`,
      ]),
  },
  {
    kind: 'integrity hashes',
    path: (d) => `public/${d.word()}.html`,
    lines: (d) =>
      many(
        5,
        () =>
          `<script src="https://cdn.test/${d.word()}.js" integrity="sha384-${base64(d, 64)}" crossorigin="anonymous"></script>`,
      ),
  },
  {
    kind: 'public keys',
    path: (d) => `keys/${d.word()}.pub`,
    lines: (d) => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return [
        `ssh-rsa AAAAB3NzaC1yc2E${base64(d, 350)} ${d.word()}@${d.word()}`,
        `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${base64(d, 43)} ${d.word()}`,
        ...String(publicKey.export({ format: 'pem', type: 'spki' }))
          .trim()
          .split('\n'),
      ];
    },
  },
  {
    kind: 'public keys',
    path: js,
    lines: (d) => [
      `const PUBLIC_KEY = "${base64(d, 120)}";`,
      `const publishableKey = "pk_live_${d.text('base62', 24)}";`,
      `const recaptchaSiteKey = "6L${d.text('base62', 6)}AAAAA${d.text('url', 27)}";`,
      `<meta name="csrf-param" content="authenticity_token">`,
      `  vapidPublicKey: '${d.text('url', 87)}',`,
    ],
  },
  {
    kind: 'certificates',
    path: (d) => `certs/${d.word()}.crt`,
    lines: (d) => ['-----BEGIN CERTIFICATE-----', ...many(14, () => base64(d, 64)), '-----END CERTIFICATE-----'],
  },
  { kind: 'minified code', path: (d) => `dist/${d.word()}.min.js`, lines: (d) => [minified(d)] },
  {
    kind: 'source maps',
    path: (d) => `dist/${d.word()}.js.map`,
    lines: (d) => [
      `{"version":3,"sources":["${d.word()}.ts"],"mappings":"${many(300, () => `${d.text('letters', d.number(4, 5))}${d.pick([',', ';'])}`).join('')}"}`,
    ],
  },
  {
    kind: 'test vectors',
    path: (d) => `test/vectors/${d.word()}.rsp`,
    lines: (d) =>
      many(5, () => [
        `COUNT = ${d.number(0, 99)}`,
        `Key = ${d.text('hex', 32)}`,
        `IV = ${d.text('hex', 32)}`,
        `PLAINTEXT = ${d.text('hex', 64)}`,
        `CIPHERTEXT = ${d.text('hex', 64)}`,
        '',
      ]),
  },
  {
    kind: 'test vectors',
    path: (d) => `test/${d.word()}.json`,
    lines: (d) => [
      '[',
      ...many(
        4,
        () => `  { "input": "${d.text('hex', 40)}", "digest": "${digest(d)}", "comment": "${d.words(3, ' ')}" },`,
      ),
      ']',
    ],
  },
  {
    kind: 'translations',
    path: (d) => `locales/${d.pick(['de', 'fr', 'ru', 'ja'])}.json`,
    lines: (d) => ['{', ...many(10, () => `  "${d.pick(LABELS)}": "${d.pick(PROSE)}",`), `  "end": ""`, '}'],
  },
  {
    kind: 'translations',
    path: (d) => `messages_${d.pick(['de', 'fr'])}.properties`,
    lines: (d) => many(8, () => `${d.word()}.${d.pick(LABELS)}=${d.pick(PROSE)}`),
  },
  {
    kind: 'base64 images',
    path: (d) => `src/${d.word()}.css`,
    lines: (d) =>
      many(3, () => `.${d.words(2, '-')} { background: url(data:image/png;base64,iVBORw0KGgo${base64(d, 600)}); }`),
  },
  {
    kind: 'CSS',
    path: (d) => `styles/${d.word()}.css`,
    lines: (d) =>
      many(
        10,
        () =>
          `.${d.word()}__${d.word()}--${d.text('base62', 5)} { color: #${d.text('hex', 6)}; margin: ${d.number(0, 40)}px; }`,
      ),
  },
  {
    kind: 'SVG',
    path: (d) => `icons/${d.word()}.svg`,
    lines: (d) => [
      '<svg xmlns="http://www.w3.org/2000/svg">',
      `<path d="${many(60, () => `${d.pick(['M', 'L', 'c', 'h', 'v', 'z'])}${d.number(0, 99)}.${d.number(0, 99)} ${d.number(0, 99)}`).join('')}"/>`,
      '</svg>',
    ],
  },
  {
    kind: 'placeholders',
    path: () => '.env.example',
    lines: (d) => many(10, () => `${d.pick(NAMES)}=${d.pick(MASKS)}`),
  },
  {
    kind: 'placeholders',
    path: (d) => `config/${d.word()}.yml`,
    lines: (d) => many(8, () => `${d.pick(NAMES).toLowerCase()}: "${d.pick(MASKS)}"`),
  },
  {
    kind: 'env references',
    path: js,
    lines: (d) =>
      many(8, () => {
        const n = d.pick(NAMES);
        return d.pick([
          `const key = process.env.${n};`,
          `  ${n.toLowerCase()}: process.env["${n}"] ?? "",`,
          `${n} = os.environ["${n}"]`,
          `password: getenv('${n}')`,
          `  secretKey: import.meta.env.VITE_${n},`,
        ]);
      }),
  },
  {
    kind: 'env references',
    path: (d) => `.github/workflows/${d.word()}.yml`,
    lines: (d) =>
      many(8, () => {
        const n = d.pick(NAMES);
        return d.pick([
          `      ${n}: \${{ secrets.${n} }}`,
          `      ${n}: $${n}`,
          `      run: curl -H "Authorization: Bearer $${n}" https://api.test/${d.word()}`,
        ]);
      }),
  },
  {
    kind: 'secret stores',
    path: (d) => `k8s/${d.word()}.yaml`,
    lines: (d) => [
      `  secretName: ${d.words(4, '-')}`,
      '  secretKeyRef:',
      `    name: ${d.words(3, '-')}-credentials`,
      `    key: ${d.words(2, '_')}_api_key`,
      `  apiKey: arn:aws:secretsmanager:eu-west-1:${d.text('digits', 12)}:secret:${d.words(2, '/')}-${d.text('base62', 6)}`,
      `  password: op://${d.word()}/${d.word()}/password`,
      `  secret: vault:secret/data/${d.words(2, '/')}#${d.word()}_token`,
      `  token: projects/${d.text('digits', 12)}/secrets/${d.words(2, '-')}/versions/latest`,
    ],
  },
  {
    kind: 'encrypted values',
    path: (d) => `secrets/${d.word()}.enc.yaml`,
    lines: (d) => [
      `db_password: ENC[AES256_GCM,data:${base64(d, 24)},iv:${base64(d, 43)}=,tag:${base64(d, 22)}==,type:str]`,
      `api_key: ENC[AES256_GCM,data:${base64(d, 40)},iv:${base64(d, 43)}=,tag:${base64(d, 22)}==,type:str]`,
      'ansible_password: !vault |',
      '  $ANSIBLE_VAULT;1.1;AES256',
      ...many(4, () => `  ${d.text('digits', 80)}`),
      `  secret: AgB${base64(d, 300)}`,
      `sops_mac: ENC[AES256_GCM,data:${base64(d, 60)},type:str]`,
    ],
  },
  {
    kind: 'documentation samples',
    path: md,
    lines: (d) => [
      `Set \`api_key\` to your key, such as \`sk_live_${'x'.repeat(24)}\` or \`ghp_${'x'.repeat(36)}\`.`,
      ['    aws_access_key_id = AKIA', 'IOSFODNN7EXAMPLE'].join(''),
      `    aws_secret_access_key = ${['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCY'].join('/')}EXAMPLEKEY`,
      `    Authorization: Bearer <token>`,
      `    curl -u user:password https://example.com/${d.word()}`,
      `    postgres://user:password@localhost:5432/${d.word()}`,
      `    SG.xxxxxxxxxxxxxxxxxxxxxx.${'y'.repeat(43)}`,
      `The token begins with \`xoxb-\` and the secret with \`sk-\`.`,
      `    password = "hunter2"  # an example`,
    ],
  },
  {
    kind: 'names in code',
    path: js,
    lines: (d) =>
      many(10, () =>
        d.pick([
          `const tokenKind = ${capital(d.word())}${capital(d.word())}TokenTypeExtendedDefinition;`,
          `  secretKey: "${d.words(2, '_')}_secret_key_configuration",`,
          `  const password = this.form.get("${d.word()}PasswordField").value;`,
          `  apiKeyHeader: "X-${capital(d.word())}-Api-Key-Version",`,
          `  if (accessToken === undefined) throw new ${capital(d.word())}TokenMissingError("${d.words(3, ' ')}");`,
          `  setSecret(${d.word()}.${d.word()}SecretProviderFactory.create(${d.number(1, 9)}));`,
          `  "token": "${d.words(3, '.')}.TokenProviderImplementation",`,
          `  passwordPolicy = "at-least-one-${d.word()}-character";`,
          `  clientSecretKey: '${d.words(2, '.')}.credentials.${d.word()}',`,
          `  password: string | undefined; // ${d.words(4, ' ')}`,
        ]),
      ),
  },
  {
    kind: 'names in code',
    path: (d) => `src/${d.word()}.py`,
    lines: (d) =>
      many(8, () =>
        d.pick([
          `    password = get_password_from_${d.word()}(user_${d.word()})`,
          `    token = self.${d.word()}.create_token(${d.word()}_id=${d.number(1, 999)})`,
          `    api_key: Optional[str] = Field(default=None, description="${d.words(4, ' ')}")`,
          `    secret = hashlib.sha256(${d.word()}.encode()).hexdigest()`,
          `    parser.add_argument("--api-key", help="${d.words(5, ' ')}")`,
          `    PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]`,
          `    assert token != "${d.word()}"`,
        ]),
      ),
  },
  {
    kind: 'expressions',
    path: js,
    lines: () => [
      String.raw`const GITHUB = /gh[pousr]_[A-Za-z0-9]{36}/;`,
      String.raw`const SECRET = /(?:secret|token|api[_-]?key)\s*[:=]\s*["'][A-Za-z0-9_\-]{16,64}["']/i;`,
      String.raw`  { token: "string.regexp", regex: "[A-Za-z0-9+/]{40,}={0,2}" },`,
      String.raw`password: Joi.string().pattern(/^(?=.*[A-Z])(?=.*\d)[A-Za-z\d@$!%*?&]{8,}$/)`,
    ],
  },
  {
    kind: 'hashed file names',
    path: () => 'dist/manifest.json',
    lines: (d) => [
      '{',
      ...many(8, () => `  "${d.word()}.js": "/assets/${d.word()}-${d.text('url', 8)}.js?v=${d.text('hex', 20)}",`),
      '  "buildId": 0',
      '}',
    ],
  },
  {
    kind: 'keys of maps and tables',
    path: js,
    lines: (d) =>
      many(3, () => [
        `const cacheKey = '${d.text('hex', 32)}';`,
        `  primary_key: '${d.uuid()}',`,
        `  objectKey: '${d.word()}/${d.text('hex', 24)}/${d.word()}.png',`,
        `  "idempotency_key": "${d.uuid()}",`,
        `  partitionKey: '${d.text('small', 26)}',`,
        `  { key: '${d.text('base62', 20)}', value: ${d.number(1, 99)} },`,
        `  translationKey: '${d.words(4, '.')}',`,
        `  sortKey = "${d.words(2, '#')}#${d.number(1000, 99999)}"`,
        `  rowKey: '${d.number(1_000_000, 99_999_999)}-${d.words(2, '-')}',`,
        `  const storageKey = \`${d.words(3, ':')}:v${d.number(1, 9)}\`;`,
      ]),
  },
  {
    kind: 'public ids',
    path: (d) => `config/${d.word()}.json`,
    lines: (d) => [
      '{',
      `  "client_id": "${d.text('digits', 12)}-${d.text('small', 32)}.apps.googleusercontent.com",`,
      `  "measurementId": "G-${d.text('big', 10)}",`,
      `  "tenantId": "${d.uuid()}",`,
      `  "appId": "1:${d.text('digits', 12)}:web:${d.text('hex', 22)}",`,
      `  "distributionId": "E${d.text('big', 13)}",`,
      `  "etag": "\\"${d.text('hex', 32)}\\"",`,
      `  "requestId": "${d.text('url', 28)}",`,
      `  "cacheKey": "${d.text('hex', 40)}",`,
      `  "nextPageToken": "${d.text('url', 48)}",`,
      `  "traceparent": "00-${d.text('hex', 32)}-${d.text('hex', 16)}-01"`,
      '}',
    ],
  },
  {
    kind: 'image digests',
    path: (d) => `deploy/${d.word()}.yaml`,
    lines: (d) => many(6, () => `  image: registry.test/${d.word()}/${d.word()}@sha256:${digest(d)}`),
  },
  {
    kind: 'addresses',
    path: md,
    lines: (d) => [
      `https://user:pass@example.com/${d.word()}`,
      `redis://:password@localhost:6379/0`,
      `amqp://guest:guest@rabbitmq:5672/`,
      `postgres://\${DB_USER}:\${DB_PASSWORD}@db.${d.word()}.net/${d.word()}`,
      `mongodb://<username>:<password>@cluster0.${d.text('small', 5)}.mongodb.net`,
      `https://docs.${d.word()}.net/${d.words(3, '/')}#section:${d.word()}@${d.word()}`,
      `git+ssh://git@github.test:${d.word()}/${d.word()}.git#${d.text('hex', 40)}`,
    ],
  },
  { kind: 'word lists', path: () => 'data/words.txt', lines: (d) => many(20, () => d.words(1, '')) },
  {
    kind: 'data tables',
    path: (d) => `data/${d.word()}.csv`,
    lines: (d) =>
      many(10, () => `${d.text('digits', 8)},${d.word()},${d.text('big', 10)},${d.uuid()},${d.text('hex', 24)}`),
  },
];

/** What a bundler leaves of functions and tables of names. */
function minified(draw: Draw): string {
  const piece = (): string =>
    draw.pick([
      `function ${draw.text('letters', 1)}(e,t){return e.${draw.word()}(t.${draw.word()})?${draw.number(0, 999)}:void 0}`,
      `var ${draw.text('letters', 2)}={token:${draw.text('letters', 1)}.token,key:"${draw.word()}",secret:!0};`,
      `e.apiKey=t.apiKey||n.${draw.word()}("${draw.word()}");`,
      `,${draw.text('letters', 1)}("${draw.words(2, '')}",function(){return this.password.${draw.word()}(0)})`,
      `n.d(t,{${draw.text('letters', 3)}:()=>${draw.text('letters', 2)}});`,
    ]);
  return Array.from({ length: 120 }, piece).join('');
}

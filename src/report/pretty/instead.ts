/**
 * What to write in place of a secret, in the language of the file that holds
 * it. `name` is the environment variable, such as `TURBOSMTP_CONSUMER_KEY`.
 */
type Instead = (name: string) => string;

const JAVASCRIPT: Instead = (name) => `process.env.${name}`;
const PYTHON: Instead = (name) => `os.environ["${name}"]`;
const JVM: Instead = (name) => `System.getenv("${name}")`;
const SHELL: Instead = (name) => `"\${${name}:?}"`;
const SUBSTITUTED: Instead = (name) => `\${${name}}`;
const SAMPLE: Instead = (name) => `<${name}>, a name that nobody mistakes for a key`;
const DOTENV: Instead = (name) => `${name}= here, the value in a .env that .gitignore names`;

const BY_EXTENSION: Readonly<Record<string, Instead>> = {
  ...all(JAVASCRIPT, 'js mjs cjs jsx ts mts cts tsx vue svelte astro coffee'),
  ...all(PYTHON, 'py pyi pyw ipynb'),
  ...all(JVM, 'java kt kts groovy gradle clj'),
  ...all(SHELL, 'sh bash zsh ksh bats envrc'),
  ...all(SUBSTITUTED, 'yml yaml properties'),
  ...all(SAMPLE, 'md markdown mdx rst adoc txt html htm tex org'),
  php: (name) => `getenv('${name}')`,
  phtml: (name) => `getenv('${name}')`,
  go: (name) => `os.Getenv("${name}")`,
  rb: (name) => `ENV.fetch("${name}")`,
  erb: (name) => `<%= ENV.fetch("${name}") %>`,
  rake: (name) => `ENV.fetch("${name}")`,
  scala: (name) => `sys.env("${name}")`,
  cs: (name) => `Environment.GetEnvironmentVariable("${name}")`,
  fs: (name) => `Environment.GetEnvironmentVariable("${name}")`,
  vb: (name) => `Environment.GetEnvironmentVariable("${name}")`,
  rs: (name) => `std::env::var("${name}")?`,
  swift: (name) => `ProcessInfo.processInfo.environment["${name}"]`,
  c: (name) => `getenv("${name}")`,
  h: (name) => `getenv("${name}")`,
  cc: (name) => `std::getenv("${name}")`,
  cpp: (name) => `std::getenv("${name}")`,
  hpp: (name) => `std::getenv("${name}")`,
  ex: (name) => `System.fetch_env!("${name}")`,
  exs: (name) => `System.fetch_env!("${name}")`,
  dart: (name) => `Platform.environment['${name}']`,
  lua: (name) => `os.getenv("${name}")`,
  pl: (name) => `$ENV{${name}}`,
  pm: (name) => `$ENV{${name}}`,
  r: (name) => `Sys.getenv("${name}")`,
  ps1: (name) => `$env:${name}`,
  psm1: (name) => `$env:${name}`,
  fish: (name) => `"$${name}"`,
  bat: (name) => `%${name}%`,
  cmd: (name) => `%${name}%`,
  tf: (name) => `var.${name.toLowerCase()}, a variable with sensitive = true, from TF_VAR_${name.toLowerCase()}`,
  tfvars: (name) => `nothing; set TF_VAR_${name.toLowerCase()} in the environment`,
  env: DOTENV,
};

const BY_PATH: readonly (readonly [RegExp, Instead])[] = [
  [/(?:^|\/)\.github\/(?:workflows|actions)\//, (name) => `\${{ secrets.${name} }}`],
  [/(?:^|\/)\.gitlab-ci\.ya?ml$/, (name) => `$${name}, a masked CI/CD variable`],
  [
    /(?:^|\/)\.env(?:\.(?!example$|sample$|template$)[^/]*)?$/,
    () => 'nothing: git rm --cached this file, and name it in .gitignore',
  ],
  [/(?:^|\/)\.env\.[^/]*$/, DOTENV],
  [
    /(?:^|\/)(?:Dockerfile|Containerfile)[^/]*$/i,
    (name) => `RUN --mount=type=secret,id=${name.toLowerCase()},env=${name}`,
  ],
  [/(?:^|\/)(?:Makefile|GNUmakefile)$/, (name) => `$(${name})`],
  [/(?:^|\/)Jenkinsfile$/, (name) => `credentials('${name.toLowerCase().replaceAll('_', '-')}')`],
  [/(?:^|\/)appsettings[^/]*\.json$/i, (name) => `nothing; dotnet user-secrets set ${name} …`],
];

function all(instead: Instead, extensions: string): Record<string, Instead> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, instead]));
}

/** The replacement in the file's own language, or null where none is known. */
export function insteadFor(path: string, rule: string): string | null {
  const name = variableName(rule);
  const [, byPath] = BY_PATH.find(([pattern]) => pattern.test(path)) ?? [];
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const byExtension = Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
  return (byPath ?? byExtension)?.(name) ?? null;
}

/** `turbosmtp-consumer-key` → `TURBOSMTP_CONSUMER_KEY`. */
export function variableName(rule: string): string {
  const name = rule
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 64);
  return /^[A-Z]/.test(name) ? name : `SECRET_${name}`;
}

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

/** Who may import whom (design §3). A folder may always import itself; a file directly under src is its own row. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  errors: [],
  kernel: ['errors'],
  bytes: ['errors', 'kernel'],
  rules: ['core', 'errors'],
  prefilter: ['core', 'errors', 'bytes', 'kernel'],
  detect: ['core', 'errors', 'bytes', 'prefilter'],
  git: ['core', 'errors', 'bytes', 'kernel'],
  config: ['core', 'errors'],
  gitleaks: ['core', 'errors', 'detect'],
  triage: ['core', 'errors', 'bytes'],
  sources: ['core', 'errors', 'bytes', 'git'],
  report: ['core', 'errors', 'bytes'],
  // Pure functions over findings and the text around them.
  policy: ['core', 'bytes'],
  hunt: ['core', 'errors', 'bytes'],
  cache: ['core', 'errors', 'bytes'],
  // Threads read files as the source does.
  workers: ['core', 'errors', 'bytes', 'prefilter', 'detect', 'git', 'kernel', 'sources'],
  findings: ['core', 'errors', 'bytes', 'detect', 'triage'],
  'scan.ts': ['core', 'errors', 'bytes', 'detect', 'prefilter', 'workers', 'triage', 'findings'],
  'hunt.ts': ['core', 'errors', 'scan.ts', 'sources', 'git', 'detect', 'prefilter', 'triage', 'workers', 'hunt'],
  'index.ts': [
    'core',
    'errors',
    'scan.ts',
    'sources',
    'git',
    'detect',
    'prefilter',
    'rules',
    'triage',
    'config',
    'bytes',
    'hunt',
    'hunt.ts',
  ],
  session: [
    'core',
    'errors',
    'scan.ts',
    'sources',
    'git',
    'detect',
    'prefilter',
    'kernel',
    'rules',
    'triage',
    'config',
    'gitleaks',
    'bytes',
    'report',
    'cache',
    'policy',
  ],
  http: ['core', 'errors'],
  github: ['core', 'errors', 'http'],
  providers: ['core', 'errors', 'http'],
  // Whether git tracks a file is asked before a key is written into it.
  stores: ['core', 'errors', 'http', 'providers', 'git'],
  respond: ['core', 'errors', 'bytes', 'providers', 'http', 'stores'],
  cli: ['*', '!action'],
  // A second front end: it responds by the code of the first, which knows nothing of it.
  action: ['*'],
};

/** Packages with exactly one importer. Everything else from outside needs a row here. */
const THIRD_PARTY: Record<string, readonly string[]> = {
  'simple-git': ['git/porcelain.ts'],
  'fast-glob': ['sources/directory.ts'],
  ignore: ['sources/directory.ts'],
  picomatch: ['config/path-match.ts'],
  'smol-toml': ['config/', 'gitleaks/', 'providers/user-file.ts'],
  'zod/mini': [
    'rules/',
    'gitleaks/',
    'config/',
    'report/schema.ts',
    'respond/keys/model.ts',
    'providers/user-schema.ts',
    'providers/user-file.ts',
    'providers/store-schema.ts',
  ],
  yaml: ['rules/'],
  re2js: ['detect/'],
  // Types only.
  sarif: ['report/sarif.ts', 'report/gitleaks-sarif.ts'],
  'yargs-parser': ['cli/'],
  'libsodium-wrappers': ['stores/sealed-box.ts'],
  '@octokit/rest': ['github/client.ts'],
  '@octokit/plugin-retry': ['github/client.ts'],
  '@octokit/plugin-throttling': ['github/client.ts'],
};

const NETWORK = ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises', 'undici'];

const root = fileURLToPath(new URL('../src/', import.meta.url));

function sourceFiles(folder = root): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .toSorted();
}

/** Every module specifier of a file, static, re-exported or dynamic. */
function specifiers(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/\b(?:from\s+|import\s*\(\s*|import\s+|require\(\s*)['"]([^'"\n]+)['"]/g)].map(
    (m) => m[1] ?? '',
  );
}

function row(file: string): string {
  return file.split('/')[0] ?? file;
}

function resolve(file: string, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
}

function allowed(from: string, to: string): boolean {
  const list = MAY_IMPORT[from] ?? [];
  if (list.includes(`!${to}`)) return false;
  return from === to || list.includes('*') || list.includes(to);
}

const files = sourceFiles();

describe('layers', () => {
  test('every folder has a row', () => {
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => !(row(file) in MAY_IMPORT))).toEqual([]);
  });

  test('imports go only where the table allows', () => {
    const strays = files.flatMap((file) =>
      specifiers(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolve(file, specifier))
        .filter((target) => !allowed(row(file), row(target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test('the check sees a stray (control)', () => {
    expect(allowed('core', 'git')).toBe(false);
    expect(allowed('cli', 'action')).toBe(false);
    expect(allowed('sources', 'detect')).toBe(false);
    expect(allowed('cli', 'git')).toBe(true);
  });

  test('a package from outside has its one importer', () => {
    const strays = files.flatMap((file) =>
      specifiers(file)
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .filter((specifier) => !THIRD_PARTY[specifier]?.some((owner) => file.startsWith(owner)))
        .map((specifier) => `${file} → ${specifier}`),
    );
    expect(strays).toEqual([]);
  });
});

describe('a scan cannot reach the network', () => {
  const entries = files.filter(
    (file) =>
      file === 'scan.ts' ||
      file === 'index.ts' ||
      file.startsWith('sources/') ||
      file.startsWith('detect/') ||
      file.startsWith('session/') ||
      file.startsWith('git/'),
  );

  function reachable(from: readonly string[]): Set<string> {
    const seen = new Set<string>();
    const queue = [...from];
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const specifier of specifiers(file)) if (specifier.startsWith('.')) queue.push(resolve(file, specifier));
    }
    return seen;
  }

  test('nothing reachable from a scan imports network code', () => {
    const strays = [...reachable(entries)].flatMap((file) => {
      const bad = specifiers(file).filter((specifier) => NETWORK.includes(specifier.replace(/^node:/, '')));
      const folders = ['http', 'github', 'providers', 'respond', 'stores'].includes(row(file))
        ? ['(network folder)']
        : [];
      const fetches = /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource)\s*\(/.test(
        readFileSync(path.join(root, file), 'utf8'),
      )
        ? ['fetch(']
        : [];
      return [...bad, ...folders, ...fetches].map((what) => `${file} → ${what}`);
    });
    expect(strays).toEqual([]);
  });
});

describe('the scanning commands load network code at one place only', () => {
  const commands = ['scan', 'staged', 'commits', 'history'].map((name) => `cli/commands/${name}.ts`);
  const entries = [...commands, 'cli/entry.ts', 'cli/main.ts', ...files.filter((file) => file.startsWith('cli/fast/'))];

  function imports(file: string, how: 'static' | 'dynamic'): string[] {
    const text = readFileSync(path.join(root, file), 'utf8');
    const pattern =
      how === 'dynamic'
        ? /\bimport\s*\(\s*['"]([^'"\n]+)['"]/g
        : /(?:^|\n)(?:import|export)\s(?!type\b)(?:[^'"();=]*?\sfrom\s+)?['"]([^'"\n]+)['"]/g;
    return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  }

  function loaded(from: readonly string[]): Set<string> {
    const seen = new Set<string>();
    const queue = [...from];
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const specifier of imports(file, 'static'))
        if (specifier.startsWith('.')) queue.push(resolve(file, specifier));
    }
    return seen;
  }

  function network(from: readonly string[]): string[] {
    return [...loaded(from)].filter(
      (file) =>
        imports(file, 'static').some((specifier) => NETWORK.includes(specifier.replace(/^node:/, ''))) ||
        /(?<![.\w])(?:fetch|XMLHttpRequest|WebSocket|EventSource)\s*\(/.test(
          readFileSync(path.join(root, file), 'utf8'),
        ),
    );
  }

  test('what they load at once knows no network', () => {
    expect(loaded(entries).size).toBeGreaterThan(60);
    expect(network(entries)).toEqual([]);
  });

  test('the one step that can reach it is loaded by --verify, after the scan', () => {
    const doors = [...loaded(commands)].flatMap((file) =>
      imports(file, 'dynamic')
        .filter((specifier) => specifier.startsWith('.') && network([resolve(file, specifier)]).length > 0)
        .map((specifier) => `${file} → ${resolve(file, specifier)}`),
    );
    expect(doors).toEqual(['cli/session/run-scan.ts → cli/respond/verify-scanned.ts']);
  });

  test('the check sees network code (control)', () => {
    expect(network(['cli/commands/verify.ts'])).not.toEqual([]);
  });
});

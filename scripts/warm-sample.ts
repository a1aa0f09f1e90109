/**
 * Gives the sample that `warm-code-cache.cjs` has staged a history: versions of files that are packed as differences, a
 * merge, a tag, keys that come and go, encoded text, an archive.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { BUILTIN_SAMPLES } from '../src/rules/builtin-samples.generated.ts';
import { seededRandom } from '../src/rules/random.ts';
import { expandTemplate } from '../src/rules/template.ts';
import { FIRST_DATE, ScriptedRepository, SETTLED } from '../test/helpers/scripted-repository.ts';

const random = seededRandom(1);
const filled = (template: string): string => expandTemplate(template, random, 'sample').text;
const MANY = 1200;
const KEY = 'ghp_${base62:30}${crc32-base62}';

/** A repository whose files are staged. */
export class Sample {
  readonly #repository: ScriptedRepository;
  readonly #sources: readonly string[];
  #versions = 0;

  constructor(folder: string) {
    const environment = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
    this.#repository = new ScriptedRepository(folder, { ...environment, ...SETTLED });
    this.#sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  }

  /** More files than a scan looks at before it starts threads. */
  writeMany(): void {
    for (let i = 0; i < MANY; i++) this.#repository.write(`many/${i}.txt`, `file ${i}\n`);
  }

  /** More trees than an audit reads itself. */
  #importMany(): void {
    const who = `A <a@example.test> ${FIRST_DATE} +0000`;
    const files = Array.from({ length: MANY }, (_, i) => `M 100644 inline ${i}/a\ndata 5\n${i + 10_000}\n`);
    const stream = `commit refs/heads/many\ncommitter ${who}\ndata 4\nmany\n${files.join('')}`;
    this.#repository.gitBytes(['fast-import', '--quiet'], stream);
  }

  /** Commits and packs; leaves changes staged. */
  makeHistory(): void {
    const repository = this.#repository;
    this.#importMany();
    const committed = (message: string, files: Readonly<Record<string, string | Uint8Array>>): void =>
      void repository.commit(message, { ...this.#changed(), ...files });
    committed('Begin', { 'old.env': filled(`GITHUB_TOKEN=${KEY}\n`) });
    committed('Configure', keyedFiles());
    repository.git('rm', '-q', 'old.env', ...this.#sources.slice(0, 5));
    repository.git('mv', 'config', 'settings');
    repository.commit('Leave out, move');
    const keyed = readFileSync(path.join(repository.folder, 'settings/a.env'));
    const without = { 'settings/a.env': 'GITHUB_TOKEN=none\n' };
    committed(`Say it here: ${filled(KEY)}`, without);
    committed('Take it back', { 'settings/a.env': keyed });
    repository.git('checkout', '-q', '-b', 'side');
    committed('Go aside', { ...without, 'settings/side/mail.js': filled("const apiKey = '${alnum:40}';\n") });
    repository.git('checkout', '-q', '-');
    committed('Go ahead', {});
    repository.tick();
    repository.git('merge', '-q', '--no-edit', '-s', 'ours', 'side');
    repository.git('tag', '-a', '-m', 'First release', 'v1');
    repository.git('repack', '-adq');
    repository.stage(this.#changed());
  }

  /** Commits what is staged, and stages other changes. */
  goOn(): void {
    this.#repository.commit('Go on', { 'settings/b.env': filled(`GITHUB_TOKEN=${KEY}\n`) });
    this.#repository.stage(this.#changed());
  }

  /** Next versions of some files. */
  #changed(): Readonly<Record<string, string>> {
    const version = ++this.#versions;
    const some = this.#sources.slice(5).filter((_, i) => i % 12 === version % 12);
    return Object.fromEntries(some.map((name) => [name, this.#edited(name, version)]));
  }

  #edited(name: string, version: number): string {
    const lines = readFileSync(path.join(this.#repository.folder, name), 'utf8').split('\n');
    lines.splice(lines.length / 2, 1, `// token ${version} "${name}"`, '');
    return lines.join('\n');
  }
}

/** A key as it stands, and in what it may be written in. */
function keyedFiles(): Readonly<Record<string, string | Uint8Array>> {
  const line = filled(`token = "${KEY}"\n`);
  const examples = ruleExamples();
  return {
    'config/examples.txt': examples,
    'config/examples.js': `export const TEXT =\n  ${JSON.stringify(examples).replaceAll(String.raw`\n`, String.raw`\n" +\x22`)};\n`,
    'config/a.env': line,
    'config/coded.txt': `data: ${Buffer.from(line.repeat(3)).toString('base64')}\nurl: ?q=${encodeURIComponent(line)}\n`,
    'config/nested.json': JSON.stringify({ text: JSON.stringify({ line }), hex: Buffer.from(line).toString('hex') }),
    'config/wide.txt': Buffer.from(`\ufeff${line}`, 'utf16le'),
    'config/packed.gz': gzipSync(line.repeat(20)),
    'config/doubtful.ts': filled("const password = '${alnum:20}';\nconst dbPassword = 'example';\n"),
  };
}

/** Of some rules, what they find and what they turn down. */
function ruleExamples(): string {
  return BUILTIN_SAMPLES.filter((_, i) => i % 20 === 0)
    .flatMap(({ examples: [one = ''], counterexamples: [other = ''] }) => [one, other])
    .map((template) => `${filled(template)}\n`)
    .join('');
}

/** Every scanner that is on this machine, and two that must come out badly. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';

/** A place that a scanner reports; lines count from 1, both ends included. */
export interface Report {
  /** Relative to what was scanned. */
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  readonly rule: string;
  /** Of our own: what a hook blocks. */
  readonly confidence?: string;
}

export interface Scanner {
  readonly name: string;
  readonly version: string;
  /** What it is asked, without what says where its report goes. */
  readonly asked: string;
  /** A control, of which the result is known beforehand. */
  readonly control?: boolean;
  /** Takes hours for whole projects: it is measured on the corpus alone. */
  readonly slow?: boolean;
  scan(folder: string): Report[];
}

const product = fileURLToPath(new URL('../../dist/bin/unleak.cjs', import.meta.url));
const MOST_OUTPUT = 1 << 30;

/** Programs are named by environment variables or found on PATH; what is not there is left out, and said so. */
export function scanners(): Scanner[] {
  const found = [unleak(), gitleaks(), betterleaks(), detectSecrets(), ripsecrets(), secretlint(), kingfisher()];
  return [...found.filter((scanner) => scanner !== null), everything, nothing];
}

const nothing: Scanner = { name: 'nothing is reported', version: '', asked: '', control: true, scan: () => [] };

const everything: Scanner = {
  name: 'every line is reported',
  version: '',
  asked: '',
  control: true,
  scan: (folder) =>
    filesBelow(folder).flatMap((file) =>
      readFileSync(path.join(folder, file), 'latin1')
        .replace(/\n$/, '')
        .split('\n')
        .map((_, index) => ({ file, line: index + 1, endLine: index + 1, rule: 'line' })),
    ),
};

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

interface Place {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
}

function unleak(): Scanner {
  const asked = ['--ignore-repo-config', '--allow-incomplete'];
  return {
    name: 'unleak',
    asked: `scan FOLDER ${asked.join(' ')} (${BUILTIN_RULES.length} rules)`,
    version: run(process.execPath, [product, '--version'], '.').trim().split(' ').at(-1) ?? '',
    scan(folder) {
      const output = run(process.execPath, [product, 'scan', folder, '--format', 'json', '--quiet', ...asked], folder);
      const { findings }: { findings: { rule: string; confidence: string; occurrences: Place[] }[] } =
        JSON.parse(output);
      return findings.flatMap(({ rule, confidence, occurrences }) =>
        occurrences.map((place) => ({
          file: path.relative(folder, path.resolve(folder, place.path)),
          line: place.line,
          endLine: place.endLine,
          rule,
          confidence,
        })),
      );
    },
  };
}

const gitleaks = (): Scanner | null => leaks('gitleaks', 'GITLEAKS');
const betterleaks = (): Scanner | null => leaks('betterleaks', 'BETTERLEAKS');

function leaks(name: string, variable: string): Scanner | null {
  const program = programOf(name, variable);
  if (program === null) return null;
  return {
    name,
    // A build of a commit does not say of which.
    version:
      process.env[`${variable}_VERSION`] ??
      run('go', ['version', '-m', program], '.').match(/\tmod\t\S+\t(\S+)/)?.[1] ??
      '',
    asked: 'dir FOLDER',
    scan: (folder) =>
      inScratch((scratch) => {
        const output = path.join(scratch, 'report.json');
        const arguments_ = ['dir', folder, '-f', 'json', '-r', output, '--exit-code', '0', '--no-banner'];
        run(program, arguments_, folder);
        const rows: { File: string; StartLine: number; EndLine: number; RuleID: string }[] | null = JSON.parse(
          readFileSync(output, 'utf8'),
        );
        return (rows ?? []).map((row) => ({
          file: path.relative(folder, row.File),
          line: row.StartLine,
          endLine: row.EndLine,
          rule: row.RuleID,
        }));
      }),
  };
}

function detectSecrets(): Scanner | null {
  const program = programOf('detect-secrets', 'DETECT_SECRETS');
  if (program === null) return null;
  return {
    name: 'detect-secrets',
    asked: 'scan --all-files --no-verify .',
    version: run(program, ['--version'], '.').trim(),
    scan(folder) {
      const output = run(program, ['scan', '--all-files', '--no-verify', '.'], folder);
      const { results }: { results: Record<string, { line_number: number; type: string }[]> } = JSON.parse(output);
      return Object.entries(results).flatMap(([file, rows]) =>
        rows.map((row) => ({
          file: path.normalize(file),
          line: row.line_number,
          endLine: row.line_number,
          rule: row.type,
        })),
      );
    },
  };
}

function ripsecrets(): Scanner | null {
  const program = programOf('ripsecrets', 'RIPSECRETS');
  if (program === null) return null;
  return {
    name: 'ripsecrets',
    asked: 'FOLDER',
    version: run(program, ['--version'], '.').trim().split(' ').at(-1) ?? '',
    scan: (folder) =>
      [...run(program, [folder], folder).matchAll(/^(.+?):(\d+):/gm)].map(([, file = '', line]) => ({
        file: path.relative(folder, path.resolve(folder, file)),
        line: Number(line),
        endLine: Number(line),
        rule: 'secret',
      })),
  };
}

function secretlint(): Scanner | null {
  const program = programOf('secretlint', 'SECRETLINT');
  if (program === null) return null;
  const modules = path.resolve(path.dirname(program), '..');
  return {
    name: 'secretlint',
    slow: true,
    asked: '**/* **/.*, preset-recommend',
    version: run(program, ['--version'], '.').trim(),
    scan: (folder) =>
      inScratch((scratch) => {
        const config = path.join(scratch, '.secretlintrc.json');
        const preset = path.join(modules, '@secretlint/secretlint-rule-preset-recommend');
        writeFileSync(config, JSON.stringify({ rules: [{ id: preset }] }));
        // It leaves out `**/.git/**` and the like by itself; names that begin with a dot have to be asked for.
        const output = path.join(scratch, 'report.json');
        run(program, ['--secretlintrc', config, '--format', 'json', '--output', output, '**/*', '**/.*'], folder);
        const rows: {
          filePath: string;
          messages: { ruleId: string; loc: { start: { line: number }; end: { line: number } } }[];
        }[] = JSON.parse(readFileSync(output, 'utf8'));
        return rows.flatMap(({ filePath, messages }) =>
          messages.map(({ ruleId, loc }) => ({
            file: path.relative(folder, filePath),
            line: loc.start.line,
            endLine: loc.end.line,
            rule: path.basename(ruleId),
          })),
        );
      }),
  };
}

/** Nothing is asked of any service: neither whether a key lives, nor whether there is a newer release. */
const OFFLINE = ['--no-validate', '--no-update-check'];
/** Every place of a value, and the files alone where the folder is a repository. */
const WHOLE = ['--no-dedup', '--git-history', 'none'];

function kingfisher(): Scanner | null {
  const program = programOf('kingfisher', 'KINGFISHER');
  if (program === null) return null;
  return {
    name: 'kingfisher',
    asked: `scan FOLDER ${[...OFFLINE, ...WHOLE].join(' ')}`,
    version: run(program, ['--version'], '.').trim().split(' ').at(-1) ?? '',
    scan: (folder) =>
      inScratch((scratch) => {
        const output = path.join(scratch, 'report.json');
        run(program, ['scan', folder, ...OFFLINE, ...WHOLE, '--format', 'json', '--output', output], scratch);
        const {
          findings,
        }: { findings: { rule: { id: string }; finding: { path: string; line: number; snippet: string } }[] } =
          JSON.parse(readFileSync(output, 'utf8'));
        return findings.map(({ rule, finding }) => ({
          file: path.relative(folder, path.resolve(folder, finding.path)),
          line: finding.line,
          endLine: finding.line + finding.snippet.replace(/\n$/, '').split('\n').length - 1,
          rule: rule.id,
        }));
      }),
  };
}

function programOf(name: string, variable: string): string | null {
  const named = process.env[variable];
  if (named !== undefined) return named;
  const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  process.stderr.write(`${name} is not here: put it on PATH or name it in ${variable}\n`);
  return null;
}

/** Findings are no error, so the exit code says nothing; a report that cannot be read does. */
function run(program: string, arguments_: readonly string[], cwd: string): string {
  const { error, stdout, stderr, signal } = spawnSync(program, arguments_, {
    cwd,
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (error !== undefined || signal !== null) throw new Error(`${program}: ${String(error ?? signal)}\n${stderr}`);
  return stdout;
}

function inScratch<T>(use: (scratch: string) => T): T {
  const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-accuracy-'));
  try {
    return use(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The built command against the simulator: a repository with a leak, a folder for incidents, and what was asked. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { type Double, doubles } from '../../fixtures/simulator/doubles.ts';
import type { LogEntry } from '../../fixtures/simulator/server.ts';
import type { FindingsReport } from '../../src/core/finding.ts';
import { adapterTemplate } from '../../src/providers/adapter-template.ts';
import { providerNamed } from '../../src/providers/registry.ts';
import type { Recorded } from '../../src/respond/journal/entry.ts';
import { Harness, shown } from '../respond/harness.ts';
import { PRODUCT } from './product.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository, type TestRepository } from './repository.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Steps of the newest incident, by name: status and code. */
  readonly step: (
    name: string,
  ) => { readonly status: string; readonly code: string | null; readonly reason: string } | null;
}

export class Responder {
  readonly harness: Harness;
  readonly doubles: readonly Double[];
  readonly repository: TestRepository;
  readonly state = makeFolder('state');
  readonly #said: string[] = [];

  private constructor(harness: Harness, all: readonly Double[]) {
    this.harness = harness;
    this.doubles = all;
    this.repository = makeRepository();
    this.repository.commit('Begin', { 'README.md': 'a project\n' });
  }

  static async start(): Promise<Responder> {
    const all = doubles();
    const products = all.map(({ product }) => product);
    return new Responder(await Harness.start({ withHypotheticalKeyApi: true, products }), all);
  }

  close(): Promise<void> {
    return this.harness.close();
  }

  double(kind: string): Double {
    const found = this.doubles.find((one) => one.kind === kind);
    if (!found) throw new Error(`no double of ${kind}`);
    return found;
  }

  /** Commits a file of assignments. */
  leak(variables: Readonly<Record<string, string>>, file = '.env'): void {
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    this.repository.commit('Configure', { [file]: lines.join('') });
  }

  /** Addresses of the simulator, for every provider. */
  urls(): string[] {
    const { url } = this.harness.simulator;
    const ofDoubles = this.doubles.flatMap(({ bases }) =>
      Object.entries(bases).map(([name, mount]): [string, string] => [name, `${url}${mount}`]),
    );
    const all = new Map([...this.harness.overrides(), ...ofDoubles]);
    return [...all].flatMap(([name, address]) => ['--provider-url', `${name}=${address}`]);
  }

  /** A providers file of the user's own, with an adapter if `change` is given. */
  providersFile(text: string): string {
    const file = path.join(makeFolder('config'), 'providers.toml');
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  adapter(id: 'migosmtp' | 'telnxo', change: (text: string) => string = (text) => text): string {
    const url = `${this.harness.simulator.url}/${id}/v1`;
    return this.providersFile(change(adapterTemplate(providerNamed(id)).replace('url = ""', `url = "${url}"`)));
  }

  /** Runs to the end, without a terminal. */
  async run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const child = spawn(process.execPath, [PRODUCT, ...args], {
      cwd: this.repository.folder,
      env: { ...GIT_ENVIRONMENT, XDG_STATE_HOME: this.state, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    this.#said.push(out.join(''), err.join(''));
    const entries = this.journal();
    return {
      code,
      out: out.join(''),
      err: err.join(''),
      step: (name) => {
        const end = entries.findLast((entry) => entry.type === 'step' && entry.step === name);
        return end?.type === 'step' ? end : null;
      },
    };
  }

  /** `respond --yes` for every provider, against the simulator. */
  respond(
    extra: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
    allowed = 'turbosmtp,migosmtp,telnxo,sendgrid,discord',
  ): Promise<Ended> {
    return this.run(['respond', '--yes', '--allow-revoke', allowed, ...this.urls(), ...extra], environment);
  }

  async report(): Promise<{ readonly file: string; readonly report: FindingsReport }> {
    const { out } = await this.run(['history', '--format', 'json']);
    const report = JSON.parse(out) as FindingsReport;
    return { file: this.reportFile(report), report };
  }

  reportFile(report: FindingsReport): string {
    const file = path.join(makeFolder('report'), 'findings.json');
    writeFileSync(file, JSON.stringify(report));
    return file;
  }

  #incidents(): string {
    return path.join(this.state, 'unleak', 'incidents');
  }

  incidentIds(): string[] {
    try {
      return readdirSync(this.#incidents());
    } catch {
      return [];
    }
  }

  /** The journal of the only incident; empty without one. */
  journal(): Recorded[] {
    const [id] = this.incidentIds();
    if (id === undefined) return [];
    const text = readFileSync(path.join(this.#incidents(), id, 'journal.jsonl'), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Recorded);
  }

  /** Requests that changed something, as `METHOD target status`. */
  effects(): string[] {
    return this.harness.effects();
  }

  /** Those among them that revoke. */
  revocations(): string[] {
    const revoking = ({ method, target, effect }: LogEntry): boolean =>
      effect && (method === 'DELETE' || target.includes('revoke'));
    return this.harness.simulator.log.filter(revoking).map((entry) => shown(entry));
  }

  /** Everything that was printed or written, and every address that was asked. */
  traces(): string {
    const files = readdirSync(this.state, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
    const urls = this.harness.simulator.log.map(({ product, target }) => (product === 'discord' ? '' : target));
    return [...this.#said, ...files, ...urls].join('\n');
  }
}

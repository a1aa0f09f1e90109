/**
 * GitHub's interface for secrets. Every request and answer is held against
 * GitHub's own description of its API, and the boxes are opened again.
 */
import sodium from 'libsodium-wrappers';

import { templateOf, undescribed } from '../helpers/github-description.ts';
import { type Answer, type Asked, FakeServer } from './fake-server.ts';
import { freshValue } from './helpers.ts';

await sodium.ready;

interface Kept {
  value: string;
  updated: number;
  visibility?: string;
  repositories?: readonly number[];
}

/** A time so many seconds after the clock began, as GitHub writes it: to the second. */
export function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString().replace('.000', '');
}

function page(ids: readonly number[], query: URLSearchParams): Answer {
  const [size, number] = [Number(query.get('per_page')), Number(query.get('page'))];
  const repositories = ids.slice((number - 1) * size, number * size).map((id) => ({ id }));
  return { status: 200, body: { total_count: ids.length, repositories } };
}

export class GitHubFake {
  readonly token = `ghp_${freshValue(36).replaceAll(/[_-]/g, 'x')}`;
  /** By path. */
  readonly secrets = new Map<string, Kept>();
  /** Where a request or an answer is not as GitHub describes it. */
  readonly faults: string[] = [];
  /** Seconds; each write takes one. */
  clock = 0;
  readonly server = new FakeServer((asked) => {
    const answer = this.#answered(asked);
    this.#check(asked, answer);
    return answer;
  });
  readonly #pair = sodium.crypto_box_keypair();

  #answered({ method, path, headers, json, query }: Asked): Answer {
    if (headers.authorization !== `Bearer ${this.token}`) return { status: 401, body: { message: 'Bad credentials' } };
    if (path.endsWith('/public-key')) {
      const key = Buffer.from(this.#pair.publicKey).toString('base64');
      return { status: 200, body: { key_id: '568250167242549743', key } };
    }
    const list = path.endsWith('/repositories');
    const name = list ? path.slice(0, -'/repositories'.length) : path;
    const kept = this.secrets.get(name);
    if (method === 'PUT') return this.#written(name, json, kept);
    if (!kept) return { status: 404, body: { message: 'Not Found' } };
    if (list) return page(kept.repositories ?? [], query);
    const { updated, visibility } = kept;
    const url =
      visibility === 'selected' ? { selected_repositories_url: `${this.server.url}${path}/repositories` } : {};
    const shown = visibility === undefined ? {} : { visibility, ...url };
    return {
      status: 200,
      body: { name: name.split('/').at(-1), created_at: at(0), updated_at: at(updated), ...shown },
    };
  }

  #written(name: string, json: Record<string, unknown>, former: Kept | undefined): Answer {
    const box = Buffer.from(String(json['encrypted_value']), 'base64');
    const { publicKey, privateKey } = this.#pair;
    const value = Buffer.from(sodium.crypto_box_seal_open(box, publicKey, privateKey)).toString('utf8');
    const { visibility, selected_repository_ids: ids } = json;
    const shown = typeof visibility === 'string' ? { visibility } : {};
    const seen = Array.isArray(ids) ? { repositories: ids as number[] } : {};
    this.secrets.set(name, { value, updated: ++this.clock, ...shown, ...seen });
    return former ? { status: 204, body: '' } : { status: 201, body: {} };
  }

  #check({ method, path, text, query, headers }: Asked, { status, body }: Answer): void {
    if (headers['x-github-api-version'] !== '2022-11-28') this.faults.push(`${path} names no version of the API`);
    // Refusals are not part of the description that is kept here.
    if (status >= 400) return;
    this.faults.push(...undescribed({ method, template: templateOf(path), query, body: text, status, value: body }));
  }
}

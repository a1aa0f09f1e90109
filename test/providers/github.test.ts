/** Our requests to GitHub against GitHub's own description of its API. */
import { readFileSync } from 'node:fs';

import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { requestFor } from '../../src/providers/call.ts';
import type { ActionMeaning, Call, ProbeMeaning } from '../../src/providers/declaration.ts';

type AnyCall = Call<ActionMeaning> | Call<ProbeMeaning>;
import { GITHUB } from '../../src/providers/github.ts';

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: readonly string[];
}

const { paths } = JSON.parse(
  readFileSync(new URL('../../fixtures/schemas/github-openapi.json', import.meta.url), 'utf8'),
) as { paths: Record<string, Record<string, Operation>> };

const endpoint = { provider: GITHUB, bases: { main: new URL(GITHUB.bases['main'] ?? '') } };
const token = `ghp_${'a'.repeat(36)}`;
const [kind] = GITHUB.kinds;

function operationOf(call: AnyCall): Operation {
  const operation = paths[call.path]?.[call.method.toLowerCase()];
  if (!operation) throw new Error(`GitHub describes no ${call.method} ${call.path}`);
  return operation;
}

function calls(): AnyCall[] {
  const ways = kind?.revoke.kind === 'automatic' ? kind.revoke.ways.flatMap((way) => way.calls) : [];
  const probes = kind?.probes.map(({ call }) => call) ?? [];
  return [...ways, ...probes].filter((call): call is AnyCall => 'method' in call);
}

describe.each(calls().map((call) => [call.name, call] as const))('%s', (_, call) => {
  test('is described by GitHub, and its statuses are', () => {
    const { responses } = operationOf(call);
    const statuses = call.answers.flatMap(({ status }) => (status === '2xx' ? [] : [status].flat()));
    // 403 for an authenticated request stands in the prose of the page, not in the description.
    expect(statuses.map(String).filter((status) => ![...responses, '403'].includes(status))).toEqual([]);
  });
});

describe('the revocation', () => {
  const [call] = calls();
  test('has a body that GitHub’s schema accepts, and no authentication', () => {
    if (!call) throw new Error('no call');
    const request = requestFor<ActionMeaning | ProbeMeaning>(endpoint, call, { secret: new Secret(token) }, new Date());
    const schema = operationOf(call).requestBody?.content['application/json']?.schema ?? {};
    const validate = new Ajv({ strict: false }).compile(schema);
    const body: unknown = JSON.parse(request.body instanceof Secret ? request.body.reveal() : '');
    expect([validate(body), validate.errors]).toEqual([true, null]);
    expect(body).toEqual({ credentials: [token] });
    expect(Object.keys(request.headers).map((name) => name.toLowerCase())).not.toContain('authorization');
    expect(request.url.href).toBe('https://api.github.com/credentials/revoke');
  });
  test('is refused by that schema with another body (control)', () => {
    if (!call) throw new Error('no call');
    const schema = operationOf(call).requestBody?.content['application/json']?.schema ?? {};
    const validate = new Ajv({ strict: false }).compile(schema);
    expect([validate({ credentials: [] }), validate({ tokens: [token] }), validate({ credentials: token })]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

/** GitHub's own description of its API, and what of a request or an answer does not agree with it. */
import { readFileSync } from 'node:fs';

import { Ajv, type AnySchema } from 'ajv';
import addFormats from 'ajv-formats';

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: AnySchema }>> };
  readonly query: readonly { readonly name: string }[];
  readonly answers: Readonly<Record<string, AnySchema>>;
}

const { paths } = JSON.parse(
  readFileSync(new URL('../../fixtures/schemas/github-openapi.json', import.meta.url), 'utf8'),
) as { paths: Record<string, Record<string, Operation>> };

const ajv = new Ajv({ strict: false });
addFormats.default(ajv);

/** The template that a path is of; the path itself if it is of none. */
export function templateOf(path: string): string {
  const templates = Object.keys(paths).toSorted((a, b) => a.split('{').length - b.split('{').length);
  return templates.find((one) => new RegExp(`^${one.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)) ?? path;
}

export interface Exchange {
  readonly method: string;
  readonly template: string;
  readonly query: URLSearchParams;
  /** JSON text. */
  readonly body: string;
  readonly status: number;
  readonly value: unknown;
}

function mismatch(what: string, schema: AnySchema, value: unknown): string[] {
  const validate = ajv.compile(schema);
  return validate(value) ? [] : [`${what}: ${ajv.errorsText(validate.errors)}`];
}

/** What is not as GitHub describes it; empty if all is. */
export function undescribed({ method, template, query, body, status, value }: Exchange): string[] {
  const operation = paths[template]?.[method.toLowerCase()];
  const what = `${method} ${template}`;
  if (operation === undefined) return [`${what} is not described`];
  const unknown = [...query.keys()].filter((name) => !operation.query.some((one) => one.name === name));
  const schema = operation.requestBody?.content['application/json']?.schema;
  const answer = operation.answers[String(status)];
  return [
    ...unknown.map((name) => `${what} takes no ${name}`),
    ...(schema === undefined ? [] : mismatch(`request of ${what}`, schema, JSON.parse(body))),
    ...(answer === undefined ? [`${what} never answers ${status}`] : mismatch(`answer to ${what}`, answer, value)),
  ];
}

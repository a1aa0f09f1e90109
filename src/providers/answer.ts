import { parseJson } from '../http/body.ts';
import type { HttpAnswer } from '../http/client.ts';
import type { Answer, Call, Learn, Where } from './declaration.ts';
import { textAt, textsOf, valueAt } from './path.ts';

/** The answer as data: parsed once, walked by paths. */
export function parsedBody<M>(call: Call<M>, answer: HttpAnswer): unknown {
  return call.parse ? call.parse(answer.body) : parseJson(answer.body);
}

function statusFits(row: Answer<unknown>, status: number): boolean {
  if (row.status === '2xx') return status >= 200 && status < 300;
  return typeof row.status === 'number' ? row.status === status : row.status.includes(status);
}

function holds(where: Where, body: unknown, text: string): boolean {
  if ('empty' in where) return text.trim() === '';
  if ('text' in where) return text.includes(where.text);
  const found = valueAt(body, where.at);
  if ('present' in where) return (found !== undefined && found !== null) === where.present;
  return found === where.is;
}

/** The first row of the provider's table that fits; null if none does. */
export function rowFor<M>(call: Call<M>, answer: HttpAnswer, body: unknown): Answer<M> | null {
  const fits = (row: Answer<M>): boolean =>
    statusFits(row, answer.status) && (row.where ?? []).every((where) => holds(where, body, answer.body));
  return call.answers.find(fits) ?? null;
}

/** The provider's own error code, as it stands in the body; null without one. */
export function errorCode<M>(call: Call<M>, body: unknown): string | null {
  for (const path of call.errorAt) {
    const text = textAt(body, path);
    if (text !== null && text !== '') return text;
  }
  return null;
}

function learnOne(learn: Learn, answer: HttpAnswer, body: unknown): readonly string[] {
  if (learn.value !== undefined) return [learn.value];
  if (learn.header !== undefined) return textsOf(answer.headers[learn.header]);
  return textsOf(valueAt(body, learn.at ?? ''));
}

/** What the row says the answer tells about the credential. */
export function learned(
  rows: readonly Learn[],
  answer: HttpAnswer,
  body: unknown,
): Readonly<Record<string, readonly string[]>> {
  const facts = rows.map((learn) => [learn.as, learnOne(learn, answer, body)] as const);
  return Object.fromEntries(facts.filter(([, values]) => values.length > 0));
}

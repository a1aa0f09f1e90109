/** Short spellings for declarations. */
import type { ActionMeaning, Answer, Auth, Call, ProbeMeaning, Sourced, Template, Where } from './declaration.ts';

export function documented(source: string): Sourced {
  return { sure: 'documented', source };
}

export function observed(source: string): Sourced {
  return { sure: 'observed', source };
}

export function bearer(value: Template): Auth {
  return { kind: 'header', name: 'authorization', value: `Bearer ${value}` };
}

export function header(name: string, value: Template): Auth {
  return { kind: 'header', name, value };
}

export const LIVE = (...learn: NonNullable<Answer<ProbeMeaning>['learn']>): Answer<ProbeMeaning> => ({
  status: 200,
  means: 'live',
  learn,
});

export function means<M>(status: Answer<M>['status'], what: M, ...where: Where[]): Answer<M> {
  return where.length === 0 ? { status, means: what } : { status, means: what, where };
}

type Rest<M> = Omit<Call<M>, 'sure' | 'source' | 'base' | 'effect' | 'errorAt' | 'name' | 'method' | 'path'> &
  Partial<Pick<Call<M>, 'base' | 'errorAt'>>;

function call<M>(about: Sourced, name: string, line: string, effect: 'read' | 'write', rest: Rest<M>): Call<M> {
  const [method = '', path = ''] = line.split(' ');
  return { ...about, name, method: methodOf(method), path, base: 'main', errorAt: [], effect, ...rest };
}

function methodOf(text: string): Call<never>['method'] {
  return (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((method) => method === text) ?? 'GET';
}

/** A request that asks whether a value lives. @param line - `METHOD /path` */
export function asks(about: Sourced, name: string, line: string, rest: Rest<ProbeMeaning>): Call<ProbeMeaning> {
  return call(about, name, line, 'read', rest);
}

/** A request that reads. */
export function reads(about: Sourced, name: string, line: string, rest: Rest<ActionMeaning>): Call<ActionMeaning> {
  return call(about, name, line, 'read', rest);
}

/** A request that changes something; sent once. */
export function writes(about: Sourced, name: string, line: string, rest: Rest<ActionMeaning>): Call<ActionMeaning> {
  return call(about, name, line, 'write', rest);
}

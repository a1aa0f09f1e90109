/**
 * Turns the modules that esbuild made of the command line into functions, which `src/cli/fast/chunks.ts` runs: Node 20
 * keeps no compiled form of a module, but V8 does of a script, and compiling is most of what starting takes.
 *
 * What such a function imports becomes constants. So modules may not import one another in a circle, nor change what
 * they export once they have run; both are checked here.
 */
import { parseSync } from 'oxc-parser';

export interface Chunk {
  /** As others import it: `./name`. */
  readonly name: string;
  readonly text: string;
}

/** A part of a text, and what stands there instead. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Program = ReturnType<typeof parseSync>['program'];
type Statement = Program['body'][number];

/**
 * Each module as an expression: a function as `ChunkFunction` of `src/cli/fast/chunks.ts` describes, which returns what
 * the module exports.
 *
 * @throws Error if a module does what such a function cannot
 */
export function asFunctions(chunks: readonly Chunk[]): readonly Chunk[] {
  const asked = new Map<string, readonly string[]>();
  const functions = chunks.map((chunk) => {
    const { text, imports } = asFunction(chunk);
    asked.set(chunk.name, imports);
    return { name: chunk.name, text };
  });
  for (const { name } of chunks) refuseCircle(name, asked, []);
  return functions;
}

function asFunction({ name, text }: Chunk): { readonly text: string; readonly imports: readonly string[] } {
  const { program, module, errors } = parseSync(name, text);
  if (errors.length > 0) throw new Error(`${name}: ${errors[0]?.message ?? ''}`);
  const imports: string[] = [];
  const exported: string[] = [];
  const edits: Edit[] = [
    ...module.dynamicImports.map(({ start }) => ({ start, end: start + 'import'.length, text: '__later' })),
    ...module.importMetas.map(({ start, end }) => ({ start, end, text: '__meta' })),
  ];
  for (const statement of program.body) {
    const { start, end } = statement;
    if (statement.type === 'ImportDeclaration') {
      imports.push(statement.source.value.replace(/^\.\//, ''));
      edits.push({ start, end, text: constants(statement) });
    } else if (statement.type === 'ExportNamedDeclaration') {
      if (statement.source !== null || statement.declaration !== null)
        throw new Error(`${name} exports in an unknown way`);
      for (const { exported: out, local } of statement.specifiers) exported.push(`${nameOf(out)}:${nameOf(local)}`);
      edits.push({ start, end, text: '' });
    } else if (statement.type.startsWith('Export')) throw new Error(`${name} exports in an unknown way`);
  }
  refuseChange(name, program, new Set(exported.map((pair) => pair.replace(/^.*:/, ''))));
  edits.push(...asciiExpressions(text, program));
  return {
    text: `(function(__load,__later,require,__meta){"use strict";${edited(text, edits)}\nreturn{${exported.join(',')}}})`,
    imports,
  };
}

function constants(statement: Extract<Statement, { type: 'ImportDeclaration' }>): string {
  const { value } = statement.source;
  const module = value.startsWith('./') ? `__load(${JSON.stringify(value)})` : `require(${JSON.stringify(value)})`;
  const named: string[] = [];
  let text = '';
  for (const one of statement.specifiers) {
    if (one.type === 'ImportSpecifier') named.push(`${nameOf(one.imported)}:${one.local.name}`);
    // What Node's own modules export by default is what `require` gives of them.
    else text += `const ${one.local.name}=${module};`;
  }
  if (named.length > 0) text += `const{${named.join(',')}}=${module};`;
  return text === '' ? `${module};` : text;
}

function nameOf(node: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return node.name ?? JSON.stringify(node.value);
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { start, end, text: instead } of edits.toSorted((a, b) => b.start - a.start))
    result = result.slice(0, start) + instead + result.slice(end);
  return result;
}

function refuseCircle(name: string, asked: ReadonlyMap<string, readonly string[]>, above: readonly string[]): void {
  if (above.includes(name)) throw new Error(`modules import one another: ${[...above, name].join(' > ')}`);
  for (const next of asked.get(name) ?? []) refuseCircle(next, asked, [...above, name]);
}

/** An exported name that is assigned anywhere but where it is declared; a local one of the same name counts too. */
function refuseChange(name: string, program: Program, exported: ReadonlySet<string>): void {
  for (const node of nodesOf(program.body)) {
    const changed = changedBy(node);
    if (changed !== null && exported.has(changed)) throw new Error(`${name} changes ${changed}, which it exports`);
  }
}

function changedBy({ type, left, argument }: AnyNode): string | null {
  const target = type === 'AssignmentExpression' ? left : type === 'UpdateExpression' ? argument : undefined;
  return isNode(target) && target.type === 'Identifier' ? (target.name ?? null) : null;
}

/**
 * esbuild writes everything in ASCII but regular expressions. In ASCII a script is read, kept and compiled as one byte a
 * character; a pair of escapes for a pair of surrogates means what the pair does.
 */
function asciiExpressions(text: string, program: Program): readonly Edit[] {
  if (!/[^\0-\x7f]/.test(text)) return [];
  const edits = [...nodesOf(program.body)].flatMap(({ regex, start = 0, end = 0 }): readonly Edit[] =>
    regex === undefined ? [] : [{ start, end, text: escaped(text.slice(start, end)) }],
  );
  if (/[^\0-\x7f]/.test(edited(text, edits))) throw new Error('not ASCII outside of regular expressions');
  return edits;
}

function escaped(text: string): string {
  return text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

interface AnyNode {
  readonly type: string;
  readonly start?: number;
  readonly end?: number;
  readonly name?: string;
  readonly regex?: unknown;
  readonly left?: unknown;
  readonly argument?: unknown;
}

function* nodesOf(value: unknown): Generator<AnyNode> {
  if (isNode(value)) yield value;
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* nodesOf(part);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/**
 * Reads a command script: lines that run the built command in a scratch
 * repository and say what must come out, then the files it starts with.
 *
 *     unleak scan a.txt           must exit 0
 *     [1] unleak scan a.txt       must exit 1
 *     [2] unleak scan - < a.txt   with a file as standard input
 *     git add .                   runs git
 *     stdout TEXT                 the last command's output has TEXT in it
 *     stderr /EXPRESSION/         … matches
 *     no stdout TEXT              … does not have it
 *     no stdout                   … is empty
 *     file NAME TEXT              a file has TEXT in it
 *     no file NAME                there is no such file
 *     -- NAME --                  begins a file; `${base62:30}` and the like are made up at run time
 */
import { expandTemplate } from '../../src/rules/template.ts';
import { seededRandom, seedOf } from '../../src/rules/random.ts';

export type Step =
  | {
      readonly kind: 'run';
      readonly program: 'unleak' | 'git';
      readonly args: readonly string[];
      readonly code: number;
      readonly input: string | null;
      readonly at: string;
    }
  | {
      readonly kind: 'expect';
      readonly where: 'stdout' | 'stderr' | 'file';
      readonly name: string;
      readonly not: boolean;
      readonly what: string;
      readonly at: string;
    };

export interface Script {
  readonly steps: readonly Step[];
  readonly files: ReadonlyMap<string, string>;
}

/** @param name - for messages, and as the seed of what is made up */
export function readScript(text: string, name: string): Script {
  const [head = '', ...rest] = text.split(/^-- (.+) --\n/m);
  const files = new Map<string, string>();
  for (let i = 0; i + 1 < rest.length; i += 2) {
    const file = rest[i] ?? '';
    files.set(file, expandTemplate(rest[i + 1] ?? '', seededRandom(seedOf(`${name} ${file}`)), name).text);
  }
  const lines = head.split('\n').map((line, index) => ({ line: line.trim(), at: `${name}:${index + 1}` }));
  return { files, steps: lines.filter(({ line }) => line !== '' && !line.startsWith('#')).map(readStep) };
}

function readStep({ line, at }: { line: string; at: string }): Step {
  const run = /^(?:\[(\d+)\] )?(unleak|git)(?: (.*?))?(?: < (\S+))?$/.exec(line);
  if (run) {
    const program = run[2] === 'git' ? 'git' : 'unleak';
    return { kind: 'run', program, args: words(run[3] ?? ''), code: Number(run[1] ?? 0), input: run[4] ?? null, at };
  }
  const output = /^(no )?(stdout|stderr)(?: (.+))?$/.exec(line);
  if (output) {
    const where = output[2] === 'stderr' ? 'stderr' : 'stdout';
    return { kind: 'expect', where, name: '', not: output[1] !== undefined, what: output[3] ?? '', at };
  }
  const file = /^(no )?file (\S+)(?: (.+))?$/.exec(line);
  if (!file) throw new Error(`${at}: cannot read ${JSON.stringify(line)}`);
  return { kind: 'expect', where: 'file', name: file[2] ?? '', not: file[1] !== undefined, what: file[3] ?? '', at };
}

/** Words between spaces; quotes hold words together. */
function words(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

/** Whether a text is what a step expects. An expression stands between slashes; anything else is looked for as it is. */
export function holds(what: string, text: string): boolean {
  if (what === '') return text !== '';
  const expression = /^\/(.+)\/$/.exec(what)?.[1];
  return expression === undefined ? text.includes(what) : new RegExp(expression, 'm').test(text);
}

import picomatch from 'picomatch';

/** Wildcards that one name of a glob may hold: matching a name costs its length to about this power. */
const MOST_WILDCARDS = 3;

/** One name of a glob, or `**`, which stands for any number of names. */
type Part = '**' | ((name: string) => boolean);

interface Glob {
  readonly parts: readonly Part[];
  /** It ended in a slash: what it names is a folder, and only what is in it is meant. */
  readonly folder: boolean;
}

/** What is wrong with a glob, or null. */
export function globFault(glob: string): string | null {
  if (glob.startsWith('!')) return 'begins with "!", and globs cannot be turned round';
  if (/\{[^}]*\//.test(glob)) return 'holds braces around a slash; write two globs';
  const busiest = Math.max(...glob.split('/').map((name) => name.match(/\*+|[?[{]/g)?.length ?? 0));
  return busiest > MOST_WILDCARDS ? `has more than ${MOST_WILDCARDS} wildcards in one name` : null;
}

/**
 * Tells whether a path, relative to the configuration and written with `/`,
 * matches one of the globs: `*`, `?`, `**`, `[…]` and `{a,b}`, everything else
 * being itself. As in ignore files, a glob without a slash holds at any depth,
 * a leading slash ties it to the top, and one that names a folder covers all
 * that is in it. Cost grows with the product of both lengths, whatever a
 * hostile path holds.
 */
export function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  const compiled = globs.map(compile);
  return (path) => {
    const names = path.split('/');
    return compiled.some((glob) => matches(glob, names));
  };
}

function compile(glob: string): Glob {
  const names = glob.split('/').filter((name) => name !== '');
  const floats = names.length === 1 && !glob.startsWith('/');
  return { parts: [...(floats ? (['**'] as const) : []), ...names.map(part)], folder: glob.endsWith('/') };
}

function part(name: string): Part {
  if (name === '**') return '**';
  // A name without signs needs no expression, and most have none.
  if (/^[\w. -]+$/.test(name)) return (text) => text === name;
  // Groups and quantifiers of regular expressions get through picomatch; file names may hold them.
  const literal = name.replaceAll(/[()|+@!$^]/g, '\\$&');
  const test = picomatch(literal, { dot: true, noextglob: true, nonegate: true, windows: false });
  return (text) => test(text);
}

/** Walks the path with the set of places in the glob that it may have come to. */
function matches({ parts, folder }: Glob, names: readonly string[]): boolean {
  if (parts.length === 0) return false;
  let states = reached(parts, [0]);
  for (const [index, name] of names.entries()) {
    const next: number[] = [];
    for (const state of states) {
      const current = parts[state];
      if (current === '**') next.push(state);
      else if (current?.(name) === true) next.push(state + 1);
    }
    states = reached(parts, next);
    if (states.has(parts.length) && (!folder || index < names.length - 1)) return true;
  }
  return false;
}

/** `**` may stand for nothing, so where it is come to, what follows it is come to as well. */
function reached(parts: readonly Part[], from: readonly number[]): Set<number> {
  const all = new Set<number>();
  for (const start of from) {
    let state = start;
    all.add(state);
    while (parts[state] === '**') all.add(++state);
  }
  return all;
}

/** What every value has that an expression matches as a whole: its characters, and how many. */
import { type CharSet, type Node, maxLength } from './pattern.ts';

export interface ValueForm {
  readonly characters: CharSet;
  readonly least: number;
  readonly most: number;
}

/** Null where a value may be empty, or longer than anything has to be that is looked for. */
export function valueForm(node: Node): ValueForm | null {
  const least = minLength(node);
  const most = maxLength(node);
  return least === 0 || most > LONGEST ? null : { characters: new Set(charactersOf(node)), least, most };
}

/** What is read as a value is cut at 4,096 characters (`detect/assignment.ts`). */
const LONGEST = 4000;

function minLength(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'edge':
      return 0;
    case 'group':
      return minLength(node.item);
    case 'repeat':
      return node.min * minLength(node.item);
    case 'sequence':
      return node.items.reduce((sum, item) => sum + minLength(item), 0);
    case 'choice':
      return Math.min(...node.options.map(minLength));
  }
}

function charactersOf(node: Node): readonly number[] {
  switch (node.kind) {
    case 'set':
      return [...node.set];
    case 'edge':
      return [];
    case 'group':
    case 'repeat':
      return charactersOf(node.item);
    case 'sequence':
      return node.items.flatMap(charactersOf);
    case 'choice':
      return node.options.flatMap(charactersOf);
  }
}

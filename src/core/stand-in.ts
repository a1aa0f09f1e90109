const STAND_IN = 'stand-in ';

/** What stands for the id of a weak value until that is made: the `n`-th of a run. No id looks like it. */
export function standInNamed(n: number): string {
  return `${STAND_IN}${n}`;
}

export function isStandIn(text: string): boolean {
  return text.startsWith(STAND_IN);
}

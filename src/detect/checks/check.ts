/** What a check may look at: the candidate alone, never its place. */
export interface Candidate {
  /** The secret as it would be reported, decoded. */
  readonly secret: string;
}

/**
 * A pure test of a candidate.
 * @returns null if it passes, else the reason, in a few words without the secret
 */
export type CheckFunction = (candidate: Candidate, value: string | number | undefined) => string | null;

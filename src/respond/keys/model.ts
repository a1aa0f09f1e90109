/** The keys that are known from anywhere, and what is wrong with each: rules 6 and 9 of keeping keys. */
import * as z from 'zod/mini';

const time = z.nullable(z.string());
const text = z.nullable(z.string());

const KnownKeySchema = z.object({
  /** Where it is known from; `provider` where its list names it. */
  from: z.enum(['provider', 'store', 'incident']),
  provider: text,
  account: text,
  label: text,
  id: text,
  lastFour: text,
  /** False: switched off at its provider. */
  active: z.boolean(),
  /** Stores that give it out. */
  stores: z.array(z.string()),
  /** What the age counts from, ISO 8601 in UTC. A file's date says only that what it holds is at least so old. */
  since: time,
  sinceWhat: z.nullable(z.enum(['creation', 'stored-version', 'file-date', 'first-commit'])),
  /** Whole days. */
  ageDays: z.nullable(z.number()),
  /** When `unleak` made it for another one. */
  lastRotation: time,
  lastUse: time,
  /** False: its provider does not say when it was used. */
  useKnown: z.boolean(),
  /** The incident in which it leaked and is not confirmed dead. */
  leakedIn: text,
  problems: z.array(z.enum(['too-old', 'unused', 'leaked', 'age-unknown'])),
});

export const KeysReportSchema = z.object({
  schema: z.literal('unleak.keys/1'),
  checkedAt: z.string(),
  maxAgeDays: z.number(),
  unusedDays: z.number(),
  /** False: something could not be asked, so keys may be missing or misjudged. */
  complete: z.boolean(),
  problems: z.array(z.object({ code: z.string(), message: z.string(), mend: z.string() })),
  keys: z.array(KnownKeySchema),
});

export type KnownKey = z.infer<typeof KnownKeySchema>;
export type KeysReport = z.infer<typeof KeysReportSchema>;
export type KeyProblem = KnownKey['problems'][number];
export type Gap = KeysReport['problems'][number];

/** A key as it was found, before anything is judged. */
export type FoundKey = Omit<KnownKey, 'ageDays' | 'problems'>;

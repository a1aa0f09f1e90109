/** Keys in stores: those that a list names, those that were made here, and the rest. */
import { Secret } from '../../core/secret.ts';
import { isScanError } from '../../errors/base.ts';
import { RespondError } from '../../errors/respond.ts';
import { parseJson } from '../../http/body.ts';
import { keyId, matchRow, withDerived } from '../../providers/identify.ts';
import type { StoreCommands } from '../../providers/user-file.ts';
import type { MadeKey } from '../journal/entry.ts';
import type { KeyParts } from '../services.ts';
import type { FoundKey, Gap } from './model.ts';
import { type KeySources, type Listed, NOTHING, gapOf, iso } from './sources.ts';

/** A key that `unleak` made, from the journal of its incident. */
export interface Made {
  readonly provider: string;
  readonly kind: string | null;
  readonly key: MadeKey;
  readonly at: string;
}

/** All keys that were made here, oldest first. */
export function madeKeys(incidents: KeySources['incidents']): Made[] {
  return incidents.flatMap(({ entries }) => {
    if (isScanError(entries)) return [];
    const [opened] = entries;
    const records = opened?.type === 'opened' ? opened.keys : [];
    return entries.flatMap((entry) => {
      if (entry.type !== 'result' || !entry.made) return [];
      const record = records.find(({ fingerprint }) => fingerprint === entry.key);
      return record ? [{ provider: record.provider, kind: record.kind, key: entry.made, at: entry.at }] : [];
    });
  });
}

/** Which listed key a store gives out; null if none, or if lists do not tell. */
async function listedAs(sources: KeySources, listed: readonly Listed[], parts: KeyParts): Promise<Listed | null> {
  const targets = new Map(listed.map(({ target }) => [target.kind.id, target]));
  for (const target of targets.values()) {
    const of = listed.filter((one) => one.target === target);
    const values = withDerived(target.kind, parts);
    // Nobody is asked with a value that may be another provider's.
    const id =
      target.kind.identify.by === 'derived'
        ? await keyId(sources.wire, sources.endpoint(target), target.kind, values)
        : null;
    if (id === null && target.kind.identify.by !== 'listed') continue;
    const rows = of.map(({ row }) => row);
    const match = matchRow(target.kind, id, rows, values);
    if (match.kind === 'found') return of.find(({ row }) => row === match.row) ?? null;
  }
  return null;
}

/** What a place holds at present. */
interface Held {
  readonly name: string;
  readonly label: string;
  /** Null: it never tells. */
  readonly values: KeyParts | null;
  readonly createdAt: string | null;
  readonly sinceWhat: 'stored-version' | 'file-date';
}

/** The key that was made here, known by its fingerprint; null if it is another one. */
function madeHere({ fingerprint }: KeySources, made: readonly Made[], { values }: Held): Made | null {
  const secret = values?.['secret'];
  if (!secret) return null;
  return made.findLast(({ kind, key }) => kind !== null && fingerprint(kind, secret) === key.fingerprint) ?? null;
}

function storedKey({ name, label, createdAt, sinceWhat }: Held, made: Made | null): FoundKey {
  const about: FoundKey = { ...NOTHING, from: 'store', label, stores: [name] };
  if (made) {
    const { provider, key, at } = made;
    return { ...about, provider, label: key.label, id: key.id, since: at, sinceWhat: 'creation', lastRotation: at };
  }
  const since = iso(createdAt);
  return { ...about, since, sinceWhat: since === null ? null : sinceWhat };
}

/** What a command prints: a JSON object of the key's parts, or the key as it is. */
function partsOf(output: string): KeyParts {
  const value = parseJson(output);
  if (typeof value !== 'object' || value === null) return { secret: new Secret(output.trim()) };
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, new Secret(text)] as const] : [],
    ),
  );
}

/** @throws RespondError `KEY_AGE_UNKNOWN` for commands that read nothing; ProviderError */
async function fromCommand({ child }: KeySources, { name, read }: StoreCommands): Promise<Held> {
  const mend = 'Name a command under `read` in your providers file that prints what is in use.';
  if (read === null) throw new RespondError('KEY_AGE_UNKNOWN', 'it has no command that reads', { mend });
  const { code, output } = await child(read, null);
  if (code !== 0)
    throw new RespondError('KEY_AGE_UNKNOWN', `its command ended with code ${code}`, {
      mend: 'Run the command of your providers file by hand, and see what it says.',
    });
  return { name, label: `store ${name}`, values: partsOf(output), createdAt: null, sinceWhat: 'stored-version' };
}

function places(sources: KeySources): { name: string; read: () => Promise<Held> }[] {
  const stores = sources.stores.map((store) => ({
    name: store.name,
    async read(): Promise<Held> {
      const { values, createdAt } = await store.read();
      // Any change of a file changes its date: what it holds is at least that old.
      const sinceWhat = store.kind === 'env-file' ? 'file-date' : 'stored-version';
      return { name: store.name, label: store.description, values, createdAt, sinceWhat };
    },
  }));
  const commands = sources.commands.map((one) => ({ name: one.name, read: () => fromCommand(sources, one) }));
  return [...stores, ...commands];
}

function isEmpty({ values }: Held): boolean {
  return values !== null && Object.values(values).every((value) => value.reveal() === '');
}

/** Notes a store beside the listed key that it gives out. @returns a key that no list names */
async function place(
  sources: KeySources,
  keys: Map<Listed, FoundKey>,
  made: readonly Made[],
  held: Held,
): Promise<FoundKey | null> {
  if (isEmpty(held)) return null;
  const ours = madeHere(sources, made, held);
  const listed = held.values === null ? null : await listedAs(sources, [...keys.keys()], held.values);
  const same = listed ?? [...keys.keys()].find((one) => ours !== null && isRow(one, ours)) ?? null;
  if (same === null) return storedKey(held, ours);
  const key = keys.get(same) ?? same.key;
  keys.set(same, { ...key, stores: [...key.stores, held.name] });
  return null;
}

function isRow({ row, target }: Listed, { provider, key }: Made): boolean {
  return target.provider.id === provider && key.id !== null && row.id === key.id;
}

/** Asks every named store, those that are commands too. */
export async function fromStores(
  sources: KeySources,
  keys: Map<Listed, FoundKey>,
  made: readonly Made[],
): Promise<{ readonly keys: readonly FoundKey[]; readonly gaps: readonly Gap[] }> {
  const [found, gaps]: [FoundKey[], Gap[]] = [[], []];
  for (const { name, read } of places(sources))
    try {
      const key = await place(sources, keys, made, await read());
      if (key) found.push(key);
    } catch (error) {
      gaps.push(gapOf(error, `The store ${name} was not read`));
    }
  return { keys: found, gaps };
}

/** What a store gives out, seen from the old key and from the new one. No value leaves here. */
import { Secret } from '../core/secret.ts';
import { partNames } from '../providers/identify.ts';
import type { Values } from '../providers/template.ts';
import type { Store, StoreState } from '../stores/store.ts';
import type { Holding, MadeKey, PartHolding, StoreView } from './journal/entry.ts';
import { type Making, fingerprintOf, wholeOf } from './new-key.ts';
import type { KeyParts, LeakedKey } from './services.ts';

type PartsView = Readonly<Record<string, PartHolding>>;

function holdingOf(current: Secret | undefined, old: Values[string] | undefined): PartHolding {
  if (current === undefined) return 'absent';
  if (current.reveal() === '') return 'empty';
  const text = old instanceof Secret ? old.reveal() : old;
  return text === current.reveal() ? 'old' : 'other';
}

/** Each part by itself. Where several identifiers may belong to the secret, the one that fits. */
function partsIn(values: KeyParts, key: LeakedKey): PartsView {
  const names = key.target ? partNames(key.target.kind) : ['secret'];
  const variants = key.variants.length > 0 ? key.variants : [key.secret ? { secret: key.secret } : {}];
  const views = variants.map((old) =>
    Object.fromEntries(names.map((name) => [name, holdingOf(own(values, name), own(old, name))] as const)),
  );
  return views.find((view) => !Object.values(view).includes('other')) ?? views[0] ?? {};
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** The old key is there if its secret is, and nothing of another one. */
function holdingOfAll(parts: PartsView): Holding {
  if (Object.values(parts).includes('other')) return 'another-value';
  return parts['secret'] === 'old' ? 'old-key' : 'nothing';
}

/** What a store gives out, seen from the old key. */
export function viewOf({ id, createdAt, values }: StoreState, key: LeakedKey): StoreView {
  const about = { id, createdAt };
  if (values === null) return { ...about, holds: 'not-told' };
  const parts = partsIn(values, key);
  return { ...about, holds: holdingOfAll(parts), parts };
}

/** True if both saw the same of the old key, part by part. */
export function sawTheSame(a: StoreView, b: StoreView): boolean {
  if (a.parts === undefined || b.parts === undefined) return a.holds === b.holds;
  return Object.entries(a.parts).every(([name, part]) => b.parts?.[name] === part);
}

/** True if these are the parts of the key that was made, all of them. */
export function isMade(making: Making, made: MadeKey, parts: KeyParts): boolean {
  if (fingerprintOf(making, parts) !== made.fingerprint) return false;
  return made.whole === undefined || wholeOf(making, parts) === made.whole;
}

/** True if a store gives out exactly the new key, or never tells. */
export async function holdsNew(making: Making, store: Store, made: MadeKey): Promise<boolean> {
  const { values } = await store.read();
  return values === null || isMade(making, made, values);
}

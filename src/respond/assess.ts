import { isScanError } from '../errors/base.ts';
import { plainWord } from '../http/redact.ts';
import { perform } from '../providers/call.ts';
import type { Mint } from '../providers/declaration.ts';
import { textAt, valueAt } from '../providers/path.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import { exposureWindow } from './review-step.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, done, waiting } from './step.ts';

/** What became of one thing the key could have made or changed. */
export interface Assessed {
  readonly what: string;
  readonly outlives: boolean;
  /** `listed`: looked at, see `items`; `guided`: a person looks; `unknown`: nobody can tell. */
  readonly state: 'listed' | 'guided' | 'unknown';
  readonly items: readonly string[];
  readonly guide: string | null;
}

const MAX_SHOWN = 50;

function shown(item: unknown, paths: readonly string[]): string {
  return paths.map((path) => `${path} ${plainWord(textAt(item, path) ?? '-', 80)}`).join(', ');
}

async function valuesFor(services: Services, key: LeakedKey, target: Target, mint: Mint): Promise<Values | null> {
  if (mint.look?.spends === 'leaked') return key.variants[0] ?? null;
  const access = services.operator(target);
  return access ? (await access.main()).values : null;
}

async function look(services: Services, key: LeakedKey, target: Target, mint: Mint): Promise<readonly string[] | null> {
  const values = await valuesFor(services, key, target, mint);
  if (!mint.look || values === null) return null;
  const { from, to } = exposureWindow(key, services.wire.now());
  const times = { from: new Date(from).toISOString().slice(0, 10), to: new Date(to).toISOString().slice(0, 10) };
  const outcome = await perform(services.wire, services.endpoint(target), mint.look.call, { ...values, ...times });
  if (outcome.means !== 'ok') return null;
  const items = valueAt(outcome.body, mint.look.items);
  const { show } = mint.look;
  return Array.isArray(items) ? items.slice(0, MAX_SHOWN).map((item) => shown(item, show)) : [];
}

async function assessOne(services: Services, key: LeakedKey, target: Target, mint: Mint): Promise<Assessed> {
  const about = { what: mint.what, outlives: mint.outlives, guide: mint.guide ?? null };
  try {
    const items = await look(services, key, target, mint);
    if (items !== null) return { ...about, state: 'listed', items };
  } catch (error) {
    if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
  }
  return { ...about, state: mint.guide === undefined ? 'unknown' : 'guided', items: [] };
}

/**
 * Step 4: everything the key could have made or changed in the exposure window,
 * each thing listed, handed to a person, or stated unknown. What outlives the
 * key needs a person's word before the incident closes.
 */
export async function assessDamage(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  const items: Assessed[] = [];
  for (const mint of target.kind.mints) items.push(await assessOne(services, key, target, mint));
  const open = items.filter(({ state, items: found }) => state !== 'listed' || found.length > 0);
  if (open.length === 0) return done('Nothing that the key could have made is there', { items });
  const unknown = items.filter(({ state }) => state === 'unknown').length;
  return waiting(
    'PERSON_NEEDED',
    `${open.length} ${open.length === 1 ? 'thing' : 'things'} to look at${unknown > 0 ? `, ${unknown} that nobody can tell` : ''}`,
    {
      items,
      afterwards: '--done assess',
    },
  );
}

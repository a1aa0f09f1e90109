/** Where is the old key still used? Asked before the last step of a rotation; what is found keeps the old key alive. */
import { isScanError } from '../errors/base.ts';
import { listKeys } from '../providers/listing.ts';
import type { Target } from '../providers/registry.ts';
import { parseTime } from './logs/record.ts';
import { lastWritten, planOf, stepOf } from './memory.ts';
import { accountsFor } from './plan.ts';
import { plannedRow } from './new-key.ts';
import type { LeakedKey, Services, UseSearch } from './services.ts';
import { type StepEnd, done, failedBy, waiting } from './step.ts';

/** What was found, what could not be seen, and what was not covered. */
interface Found {
  readonly uses: readonly string[];
  readonly blind: readonly string[];
  readonly gaps: readonly string[];
}

/** Places named in a reason or in facts; the rest is counted. */
const MOST_SHOWN = 20;
/** A use within so long of a question of our own is taken for that question. */
const OWN_MS = 120_000;

/** Milliseconds since 1970 of the last write of the new key; null before it. */
function lastWrite(services: Services, key: LeakedKey): number | null {
  const last = lastWritten(services.journal.entries, key.record.fingerprint);
  return last === null ? null : Date.parse(last.at);
}

async function inStores(services: Services, key: LeakedKey): Promise<Found> {
  if (key.secret === null) return { uses: [], blind: [], gaps: [] };
  const { holders, copies, blind } = await services.stores.ask(key.secret);
  const written = services.destinations.map(({ name }) => name);
  const unknown = blind.map((name) => `store ${name}`).filter((name) => !written.includes(name));
  return {
    uses: [
      ...holders.map((name) => `the store ${name} gives it out`),
      ...copies.map((name) => `the store ${name} holds it in another place than its field`),
    ],
    blind: unknown.map((name) => `the ${name} gives no value back`),
    gaps: [],
  };
}

function inFolders({ places, complete, problems }: UseSearch): Found {
  const said = places.map(({ where, current }) => (current ? where : `${where} (former version)`));
  const more = problems.length === 0 ? ['the search was not complete'] : problems;
  return { uses: [...new Set(said)], blind: [], gaps: complete ? [] : more };
}

/** Whether we asked with the key ourselves at about that time. */
function isOwn(services: Services, key: LeakedKey, at: number): boolean {
  return services.journal.entries.some(
    (entry) =>
      entry.type === 'probe' && entry.key === key.record.fingerprint && Math.abs(Date.parse(entry.at) - at) <= OWN_MS,
  );
}

/** The provider's word on when the old key was last used. */
async function atProvider(services: Services, key: LeakedKey, target: Target, since: number): Promise<Found> {
  const { listing, logs } = target.kind;
  const planned = plannedRow(services, key);
  const title = target.provider.title;
  if (listing?.lastUsedAt === undefined || planned === null) {
    const why =
      logs?.blind === undefined ? `${title} does not say when a key was last used` : `${title}: ${logs.blind}`;
    return { uses: [], blind: [why], gaps: [] };
  }
  const access = services.operator(target);
  for await (const account of access
    ? access.accounts()
    : accountsFor({ spends: 'leaked', calls: [] }, null, key.variants[0] ?? {})) {
    if (account.label !== planned.account && access) continue;
    const rows = await listKeys(services.wire, services.endpoint(target), listing, {
      ...key.variants[0],
      ...account.values,
    });
    const used = rows.find(({ id }) => id === planned.id)?.lastUsedAt ?? null;
    const at = used === null ? null : parseTime(used, '+00:00');
    if (at === null || at <= since || isOwn(services, key, at)) return { uses: [], blind: [], gaps: [] };
    return { uses: [`${title} saw it used at ${new Date(at).toISOString()}`], blind: [], gaps: [] };
  }
  return { uses: [], blind: [], gaps: [`${title} could not be asked when the key was last used`] };
}

async function lookEverywhere(services: Services, key: LeakedKey, target: Target): Promise<Found> {
  const since = lastWrite(services, key);
  const all = [await inStores(services, key)];
  if (services.searcher && key.secret) all.push(inFolders(await services.searcher.search(key.secret)));
  if (since !== null) all.push(await atProvider(services, key, target, since));
  return {
    uses: all.flatMap(({ uses }) => uses),
    blind: all.flatMap(({ blind }) => blind),
    gaps: all.flatMap(({ gaps }) => gaps),
  };
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, 5).join('; ');
  return lines.length > 5 ? `${shown}; and ${lines.length - 5} more` : shown;
}

function factsOf({ uses, blind, gaps }: Found): Record<string, unknown> {
  const cut = (lines: readonly string[]): readonly string[] => lines.slice(0, MOST_SHOWN);
  return { uses: cut(uses), found: uses.length, blind: cut(blind), gaps: cut(gaps) };
}

/** What keeps the old key alive; null if nothing was found and all was seen. */
function objection(found: Found): StepEnd | null {
  const { uses, gaps } = found;
  if (uses.length > 0) return waiting('STILL_USED', `The old key is still there: ${listed(uses)}`, factsOf(found));
  if (gaps.length > 0) return waiting('SEARCH_INCOMPLETE', `Not all was searched: ${listed(gaps)}`, factsOf(found));
  return null;
}

/** Whether a person has overruled just this while the grace period ran. What is found only since is not covered. */
function wasOverruled({ journal }: Services, key: LeakedKey, found: Found): boolean {
  const facts = stepOf(journal.entries, key.record.fingerprint, 'search')?.facts;
  if (facts?.['overruled'] === undefined) return false;
  const now = factsOf(found);
  return ['uses', 'found', 'gaps'].every((name) => JSON.stringify(facts[name]) === JSON.stringify(now[name]));
}

/** When the grace period ends, as the command line or the plan has it; null without one. */
function graceEnd(services: Services, key: LeakedKey): number | null {
  const plan = planOf(services.journal.entries, key.record.fingerprint);
  const ms = services.policy.graceMs ?? plan?.graceMs ?? 0;
  const since = lastWrite(services, key);
  return ms === 0 || since === null ? null : since + ms;
}

function searched({ searcher }: Services): string {
  return searcher === null ? 'no folder was named (--search)' : `searched ${searcher.folders.join(', ')}`;
}

/** Looks for uses of the old key in the named stores, folders and histories, and at its provider. */
export async function searchUses(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  try {
    const found = await lookEverywhere(services, key, target);
    const no = objection(found);
    const overruled = no !== null && (services.policy.stillUsedOk || wasOverruled(services, key, found));
    if (no && !overruled) return no;
    const end = graceEnd(services, key);
    if (end !== null && services.wire.now().getTime() < end)
      return waiting('GRACE_PERIOD', `The old key lives on until ${new Date(end).toISOString()}`, {
        ...factsOf(found),
        ...(no ? { overruled: no.code } : {}),
      });
    if (no) return done(`Overruled by --still-used-ok. ${no.reason}`, { ...factsOf(found), overruled: no.code });
    return done(`No use of the old key was found; ${searched(services)}`, factsOf(found));
  } catch (error) {
    if (isScanError(error) && error.code.startsWith('STORE_') && services.policy.stillUsedOk)
      return done(`Overruled by --still-used-ok. A store could not be read: ${error.message}`, {
        overruled: error.code,
      });
    return failedBy(error);
  }
}

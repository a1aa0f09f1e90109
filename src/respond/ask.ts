import type { Target } from '../providers/registry.ts';
import { wasLive } from './memory.ts';
import type { LeakedKey, Services } from './services.ts';
import { type Verdict, verify } from './verify.ts';

/** Where a key is answered for; a wrong-platform key moves there. */
export interface Asked {
  readonly key: LeakedKey;
  readonly target: Target;
  readonly verdict: Verdict;
}

/**
 * Asks the provider about a key of an incident. Every probe and the verdict go
 * into the journal: they are the proof, and log review has to leave them out.
 */
export async function askVerdict(services: Services, key: LeakedKey, target: Target): Promise<Asked> {
  const { journal } = services;
  const { fingerprint } = key.record;
  const verdict = await verify(
    {
      wire: services.wire,
      endpoint: services.endpoint,
      sister: services.sister,
      wasLive: (provider, probe) => wasLive(journal.entries, fingerprint, provider, probe),
      onProbe: ({ learned: _learned, at: _at, ...probe }) => {
        journal.append({ type: 'probe', key: fingerprint, ...probe });
      },
    },
    target,
    key.variants,
  );
  const { status, detail, may } = verdict;
  journal.append({ type: 'verdict', key: fingerprint, status, provider: verdict.target.provider.id, detail, may });
  return { key, target: verdict.target, verdict };
}

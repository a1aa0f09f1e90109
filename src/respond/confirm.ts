import { isScanError } from '../errors/base.ts';
import type { Target } from '../providers/registry.ts';
import { type Asked, askVerdict } from './ask.ts';
import type { LeakedKey, Services } from './services.ts';
import { isAlive } from './verify.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const GROWTH = 1.6;

/** Whether the id is still listed; null where nothing can be listed. */
export type StillListed = () => Promise<boolean | null>;

export interface Confirmation {
  readonly dead: boolean;
  readonly last: Asked;
  /** Null where the provider lists nothing. */
  readonly listed: boolean | null;
}

async function ask(
  services: Services,
  key: LeakedKey,
  target: Target,
  stillListed: StillListed,
): Promise<Confirmation> {
  const last = await askVerdict(services, key, target);
  const listed = await stillListed().catch((error: unknown) => {
    if (isScanError(error) && error.code !== 'HTTP_ABORTED') return null;
    throw error;
  });
  // Proof by the list: an id that was there and is gone. Proof by the probe: live before, refused now.
  // Where both speak, neither may contradict.
  const byList = listed === false && !isAlive(last.verdict.status);
  const byProbe = last.verdict.status === 'dead' && listed !== true;
  return { dead: byProbe || byList, last, listed };
}

/**
 * Asks again and again, ever more slowly, until the key is dead or the time is
 * up.
 *
 * @param forMs - 0 asks once
 */
export async function awaitDeath(
  services: Services,
  key: LeakedKey,
  target: Target,
  options: { readonly forMs: number; readonly stillListed: StillListed },
): Promise<Confirmation> {
  const deadline = services.wire.now().getTime() + options.forMs;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const confirmation = await ask(services, key, target, options.stillListed);
    const left = deadline - services.wire.now().getTime();
    if (confirmation.dead || left <= 0) return confirmation;
    await services.sleep(Math.min(pause, left));
    pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS);
  }
}

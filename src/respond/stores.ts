import type { Secret } from '../core/secret.ts';
import { RespondError } from '../errors/respond.ts';
import type { StoreCommands } from '../providers/user-file.ts';
import { commandHandOver } from './handover.ts';
import type { HandOver, Services, StoreReader } from './services.ts';

type Child = Services['child'];

/**
 * Asks each named store for its current value and compares. A store that cannot
 * be read is an error: what it gives out is not known, and a key in use must
 * not die by accident.
 */
export function commandStores(stores: readonly StoreCommands[], child: Child): StoreReader {
  return {
    async holder(secret: Secret) {
      for (const { name, read } of stores) {
        if (read === null) continue;
        const { code, output } = await child(read, null);
        if (code !== 0) throw new RespondError('KEY_IN_USE', `The store ${name} cannot be read (exit code ${code})`);
        if (output.includes(secret.reveal())) return name;
      }
      return null;
    },
  };
}

/** @throws RespondError `HANDOVER_FAILED` for a store that is not named or takes nothing */
export function storeHandOver(name: string, stores: readonly StoreCommands[], child: Child): HandOver {
  const store = stores.find((one) => one.name === name);
  if (!store?.write)
    throw new RespondError('HANDOVER_FAILED', `The providers file names no store ${name} with a write command`);
  return commandHandOver(`store ${name}`, store.write, child);
}

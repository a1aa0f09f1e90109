import type { Secret } from '../core/secret.ts';
import { RespondError } from '../errors/respond.ts';
import type { StoreCommands } from '../providers/user-file.ts';
import type { Store } from '../stores/store.ts';
import { commandHandOver } from './handover.ts';
import type { Destination, Services, StoreReader } from './services.ts';

type Child = Services['child'];

async function commandHolds({ name, read }: StoreCommands, secret: Secret, child: Child): Promise<boolean> {
  if (read === null) return false;
  const { code, output } = await child(read, null);
  if (code !== 0) throw new RespondError('KEY_IN_USE', `The store ${name} cannot be read (exit code ${code})`);
  return output.includes(secret.reveal());
}

/** True if any field of the secret is the value; null where the store never tells. */
async function storeHolds(store: Store, secret: Secret): Promise<boolean | null> {
  const { values } = await store.read();
  return values === null ? null : Object.values(values).some((value) => value.reveal() === secret.reveal());
}

/**
 * Asks each named store for its current value and compares. A store that cannot
 * be read is an error: what it gives out is not known, and a key in use must
 * not die by accident.
 */
export function namedStores(commands: readonly StoreCommands[], stores: readonly Store[], child: Child): StoreReader {
  return {
    async ask(secret) {
      const [holders, blind]: [string[], string[]] = [[], []];
      for (const command of commands) if (await commandHolds(command, secret, child)) holders.push(command.name);
      for (const store of stores) {
        const holds = await storeHolds(store, secret);
        if (holds === null) blind.push(store.name);
        else if (holds) holders.push(store.name);
      }
      return { holders, blind };
    },
  };
}

/** @throws RespondError `HANDOVER_FAILED` for a store that is not named or takes nothing */
export function storeDestination(
  name: string,
  commands: readonly StoreCommands[],
  stores: readonly Store[],
  child: Child,
): Destination {
  const [title, target] = [`store ${name}`, `store:${name}`];
  const store = stores.find((one) => one.name === name);
  if (store) return { kind: 'store', name: title, target, store };
  const command = commands.find((one) => one.name === name);
  if (!command?.write)
    throw new RespondError('HANDOVER_FAILED', `The providers file names no store ${name} that can be written to`);
  return commandHandOver(title, target, command.write, child);
}

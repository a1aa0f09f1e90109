import type { Secret } from '../core/secret.ts';
import { RespondError } from '../errors/respond.ts';
import type { StoreCommands } from '../providers/user-file.ts';
import type { Store } from '../stores/store.ts';
import { commandHandOver } from './handover.ts';
import type { Destination, Services, StoreGives, StoreReader } from './services.ts';

type Child = Services['child'];

async function commandHolds({ name, read }: StoreCommands, secret: Secret, child: Child): Promise<boolean> {
  if (read === null) return false;
  const { code, output } = await child(read, null);
  if (code !== 0) throw new RespondError('KEY_IN_USE', `The store ${name} cannot be read (exit code ${code})`);
  return output.includes(secret.reveal());
}

type Holds = 'given-out' | 'copied' | 'no' | 'not-told';

/** How a store holds a value: as a field of ours, somewhere else in the same text, or not at all. */
export async function storeHolds(store: Store, secret: Secret): Promise<Holds> {
  const { values, whole } = await store.read();
  if (values === null) return 'not-told';
  const text = secret.reveal();
  if (Object.values(values).some((value) => value.reveal() === text)) return 'given-out';
  const escaped = JSON.stringify(text).slice(1, -1);
  const copied = [text, escaped].some((one) => whole?.reveal().includes(one) === true);
  return copied ? 'copied' : 'no';
}

/**
 * Asks each named store for its current value and compares. A store that cannot
 * be read is an error: what it gives out is not known, and a key in use must
 * not die by accident.
 */
export function namedStores(commands: readonly StoreCommands[], stores: readonly Store[], child: Child): StoreReader {
  return {
    async ask(secret) {
      const [holders, copies, blind]: [string[], string[], string[]] = [[], [], []];
      for (const command of commands) if (await commandHolds(command, secret, child)) holders.push(command.name);
      for (const store of stores) {
        const holds = await storeHolds(store, secret);
        if (holds === 'not-told') blind.push(store.name);
        if (holds === 'given-out') holders.push(store.name);
        if (holds === 'copied') copies.push(store.name);
      }
      return { holders, copies, blind };
    },
    async given() {
      const all: StoreGives[] = [];
      for (const store of stores) {
        const { values } = await store.read();
        if (values !== null) all.push({ name: store.name, values });
      }
      return all;
    },
  };
}

function unknownMend(name: string, known: readonly string[]): string {
  const there = known.length === 0 ? 'It names none at all' : `It names ${known.join(', ')}`;
  return `${there}: correct --hand-over, or add [store.${name}] to the file that --providers-file names.`;
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
    throw new RespondError('HANDOVER_FAILED', `The providers file names no store ${name} that can be written to`, {
      mend: unknownMend(name, [...stores.map((one) => one.name), ...commands.map((one) => one.name)]),
    });
  return commandHandOver(title, target, command.write, child);
}

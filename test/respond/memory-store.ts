/** A store in this process: versions, check-and-set, and faults where a test wants them. */
import { Secret } from '../../src/core/secret.ts';
import { StoreError, type StoreErrorCode } from '../../src/errors/store.ts';
import type { Destination } from '../../src/respond/services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from '../../src/stores/store.ts';

interface Version {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly request: string | null;
  retired: boolean;
}

export interface Fault {
  /** The method that fails. */
  readonly on: 'read' | 'check' | 'put' | 'find' | 'restore' | 'retire';
  readonly code: StoreErrorCode;
  /** The write takes place, and the answer is lost. */
  readonly after?: boolean;
}

export class MemoryStore implements Store {
  readonly kind = 'vault';
  readonly description = 'in memory';
  readonly name: string;
  readonly versions: Version[] = [];
  readonly calls: string[] = [];
  /** The next faults, each met once. */
  readonly faults: Fault[] = [];
  /** False: like GitHub, it never gives values back. */
  tells = true;

  constructor(name: string, values: Readonly<Record<string, string>>) {
    this.name = name;
    this.#add(values, null);
  }

  get current(): Version | undefined {
    return this.versions.find(({ id }) => id === this.#currentId);
  }

  #currentId = '';

  #add(values: Readonly<Record<string, string>>, request: string | null): StoreVersion {
    const id = `v${this.versions.length + 1}`;
    this.versions.push({ id, values, request, retired: false });
    this.#currentId = id;
    return { id, createdAt: null };
  }

  /** Somebody else writes. */
  overwrite(values: Readonly<Record<string, string>>): void {
    this.#add(values, null);
  }

  #meet(on: Fault['on'], after: boolean): void {
    if (!after) this.calls.push(on);
    const at = this.faults.findIndex((fault) => fault.on === on && (fault.after ?? false) === after);
    const [fault] = at < 0 ? [] : this.faults.splice(at, 1);
    if (fault) throw new StoreError(fault.code, `The store ${this.name} says so`);
  }

  async read(): Promise<StoreState> {
    this.#meet('read', false);
    const { current } = this;
    const entries = Object.entries(current?.values ?? {}).map(([name, value]) => [name, new Secret(value)] as const);
    return { id: this.#currentId, createdAt: null, values: this.tells ? Object.fromEntries(entries) : null };
  }

  async check(): Promise<void> {
    this.#meet('check', false);
  }

  async put(values: Changes, { expected, requestId }: PutHow): Promise<StoreVersion> {
    this.#meet('put', false);
    if (expected !== null && expected.id !== this.#currentId)
      throw new StoreError('STORE_CONFLICT', `The store ${this.name} is at ${this.#currentId}`);
    const merged = new Map(Object.entries(this.current?.values ?? {}));
    for (const [name, value] of Object.entries(values))
      if (value === null) merged.delete(name);
      else merged.set(name, value.reveal());
    const version = this.#add(Object.fromEntries(merged), requestId);
    this.#meet('put', true);
    return version;
  }

  async find(requestId: string): Promise<StoreVersion | null> {
    this.#meet('find', false);
    const made = this.versions.find(({ request }) => request === requestId);
    return made ? { id: made.id, createdAt: null } : null;
  }

  async restore({ id }: StoreVersion): Promise<StoreVersion> {
    this.#meet('restore', false);
    const former = this.versions.find((version) => version.id === id);
    if (!former) throw new StoreError('STORE_NOT_FOUND', 'no such version');
    return this.#add(former.values, null);
  }

  async retire({ id }: StoreVersion): Promise<Retired> {
    this.#meet('retire', false);
    const version = this.versions.find((one) => one.id === id);
    if (!version) throw new StoreError('STORE_NOT_FOUND', 'no such version');
    version.retired = true;
    return 'destroyed';
  }

  destination(): Destination {
    return { kind: 'store', name: `store ${this.name}`, target: `store:${this.name}`, store: this };
  }
}

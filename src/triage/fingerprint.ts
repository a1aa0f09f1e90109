import { createHash, createHmac, scrypt, scryptSync } from 'node:crypto';
import { availableParallelism } from 'node:os';

import type { Secret } from '../core/secret.ts';
import { standInNamed } from '../core/stand-in.ts';
import { base32 } from './base32.ts';
import { FINGERPRINT_LENGTH, PUBLIC_KEY_ID } from './fingerprint-id.ts';
import { isAsHardAs } from './strength.ts';

/** Not a secret, and the same for everyone, so that fingerprints agree between machines. */
const PUBLIC_KEY = 'unleak public fingerprint key 1';

/** Values that could be guessed sooner than this are hashed slowly. */
const SLOW_BELOW_BITS = 80;

/** 16 MiB and about 26 ms a guess on one core of a 2-core server. Frozen: fingerprints depend on it. */
const SCRYPT = { N: 16_384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

export interface Fingerprinter {
  /** Id of the key: `public`, or `key-` and eight hexadecimal digits. */
  readonly keyId: string;
  /**
   * The id of a secret: 26 lower-case letters and digits 2–7. The same secret of
   * the same family has the same id everywhere; nothing else goes into it.
   *
   * @param family - `Rule.family`
   */
  of(family: string, secret: Secret): string;
  /** Makes what takes long beside other work. Ids come out the same without. */
  readonly ahead?: IdsAhead;
  /** Weak values that got no id of their own, because there were too many to hash slowly. */
  readonly merged?: () => number;
}

/** Begins with ids before they are asked for. */
export interface IdsAhead {
  begin(family: string, secret: Secret): void;
  /** Instead of `begin`: leaves what takes long until `make` asks for it. */
  postpone(family: string, secret: Secret): void;
  /** Begins with the ids that these stand for, and waits for them; `idOf` tells them. */
  make(standIns: Iterable<string>): Promise<void>;
  /** Waits until nothing is left to do. */
  settled(): Promise<void>;
  /** Leaves undone what has not had its turn. */
  stop(): void;
  /** To be told when this thread will be busy until it waits for all: it is not to be held up. The next one begins when it pauses. */
  beside(): void;
  /** The id, or a stand-in for one that is being made: the same for the same id. Absent where somebody must see each id made. */
  standIn?: ((family: string, secret: Secret) => string) | undefined;
  /** What a stand-in stands for; of an id, itself. Makes it if that is not done. */
  idOf(standIn: string): string;
}

/** Slow hashes in one run: about a minute of one core. Text full of weak passwords would take hours. */
const MOST_SLOW = 2000;

/** Slow hashes at a time: as many as libuv has threads for. A scan that is broken off waits for these. */
const AT_ONCE = 4;
/** The same while this thread is busy: as many as there are other processors. More would be at its cost. */
const atOnceBeside = (): number => Math.max(1, Math.min(AT_ONCE, availableParallelism() - 1));

/**
 * Makes fingerprints. Weak values past `mostSlow` share one id a family, and are counted.
 *
 * HMAC-SHA-256 of family, NUL and secret, or scrypt (salted
 * with the key) for values of under 80 estimated bits, each computed once.
 *
 * @param key - `fingerprint-key` of the configuration; the public one without
 */
export function fingerprinter(key?: string, mostSlow = MOST_SLOW): Fingerprinter {
  const material = key ?? PUBLIC_KEY;
  /** Ids by family and value; null while one is made, or waits for its turn. */
  const slow = new Map<string, string | null>();
  /** Ids of strong values: one value can be found thousands of times. */
  const quick = new Map<string, string>();
  /** What is being made, by what it is made of; and what stand-ins stand for. */
  const standIns = new Map<string, string>();
  /** The same by family and value. */
  const standInOf = new Map<string, string>();
  const meant = new Map<string, { readonly family: string; readonly secret: Secret }>();
  /** What `postpone` left, by family and value: they take no place among the slow ones before they are asked for. */
  const postponed = new Set<string>();
  let merged = 0;
  const fast = (message: Buffer): string => short(createHmac('sha256', material).update(message).digest());
  const others = (family: string): string => fast(Buffer.from(`${family}\0\0others`));
  const salt = (): Buffer => digest(`unleak scrypt salt\0${material}`);
  /** One secret can be found thousands of times: then its name is put together once. */
  const names = new WeakMap<Secret, { readonly family: string; readonly name: string }>();
  const nameOf = (family: string, secret: Secret): string => {
    const known = names.get(secret);
    if (known?.family === family) return known.name;
    const name = `${family}\0${secret.reveal()}`;
    names.set(secret, { family, name });
    return name;
  };
  const of = (family: string, secret: Secret, most = mostSlow): string => {
    const name = nameOf(family, secret);
    const known = quick.get(name) ?? slow.get(name);
    if (typeof known === 'string') return known;
    const text = secret.reveal();
    const message = messageOf(family, text);
    if (known === undefined && isAsHardAs(text, SLOW_BELOW_BITS)) {
      const id = fast(message);
      quick.set(name, id);
      return id;
    }
    if (known === undefined && slow.size >= most) {
      merged++;
      return others(family);
    }
    const made = short(scryptSync(message, salt(), 32, SCRYPT));
    slow.set(name, made);
    return made;
  };
  const turns = inTurns(AT_ONCE);
  const add = (family: string, text: string, name: string): void =>
    turns.add((done) => {
      scrypt(messageOf(family, text), salt(), 32, SCRYPT, (error, hash) => {
        // Whatever went wrong, `of` meets it again.
        if (error === null) slow.set(name, short(hash));
        done();
      });
    });
  const ahead: IdsAhead = {
    settled: () => {
      turns.allow(AT_ONCE);
      return turns.settled();
    },
    stop: () => turns.stop(),
    beside: () => turns.allow(atOnceBeside()),
    begin(family, secret) {
      const name = nameOf(family, secret);
      if (quick.has(name) || slow.has(name)) return;
      const text = secret.reveal();
      if (isAsHardAs(text, SLOW_BELOW_BITS)) quick.set(name, fast(messageOf(family, text)));
      if (quick.has(name) || slow.size >= mostSlow) return;
      // Its place is taken now, so that which ones get none depends on the order alone.
      slow.set(name, null);
      add(family, text, name);
    },
    postpone(family, secret) {
      const name = nameOf(family, secret);
      if (quick.has(name) || slow.has(name) || postponed.has(name)) return;
      const text = secret.reveal();
      if (isAsHardAs(text, SLOW_BELOW_BITS)) quick.set(name, fast(messageOf(family, text)));
      else postponed.add(name);
    },
    async make(wanted) {
      for (const standIn of wanted) {
        const one = meant.get(standIn);
        if (one === undefined) continue;
        const name = nameOf(one.family, one.secret);
        if (quick.has(name) || slow.has(name)) continue;
        if (slow.size < mostSlow) {
          slow.set(name, null);
          add(one.family, one.secret.reveal(), name);
        } else {
          merged++;
          quick.set(name, others(one.family));
        }
      }
      await ahead.settled();
    },
    standIn(family, secret) {
      const name = nameOf(family, secret);
      const isLeft = postponed.has(name) && !slow.has(name);
      if (slow.get(name) !== null && !isLeft) return of(family, secret);
      const standIn = standInOf.get(name);
      if (standIn !== undefined) return standIn;
      const message = messageOf(family, secret.reveal()).toString('latin1');
      const known = standIns.get(message) ?? standInNamed(standIns.size);
      standIns.set(message, known);
      standInOf.set(name, known);
      meant.set(known, { family, secret });
      return known;
    },
    idOf(standIn) {
      const one = meant.get(standIn);
      return one === undefined ? standIn : of(one.family, one.secret, Infinity);
    },
  };
  return {
    ahead,
    merged: () => merged,
    keyId: key === undefined ? PUBLIC_KEY_ID : `key-${digest(`unleak key id\0${key}`).toString('hex').slice(0, 8)}`,
    of: (family, secret) => of(family, secret),
  };
}

/** Jobs of which so many are under way at a time, begun in their order. */
function inTurns(first: number): Pick<IdsAhead, 'settled' | 'stop'> & {
  add(job: (done: () => void) => void): void;
  allow(number: number): void;
} {
  let atOnce = first;
  const waiting: ((done: () => void) => void)[] = [];
  let underWay = 0;
  let told: (() => void)[] = [];
  const next = (): void => {
    const job = underWay < atOnce ? waiting.shift() : undefined;
    if (job !== undefined) {
      underWay++;
      job(() => {
        underWay--;
        next();
      });
    } else if (underWay === 0) {
      for (const tell of told) tell();
      told = [];
    }
  };
  return {
    add(job) {
      waiting.push(job);
      next();
    },
    settled: () =>
      new Promise((resolve) => {
        told.push(resolve);
        next();
      }),
    stop: () => {
      waiting.length = 0;
    },
    allow(number) {
      atOnce = number;
      for (let i = underWay; i < atOnce && waiting.length > 0; i++) next();
    },
  };
}

function messageOf(family: string, text: string): Buffer {
  return Buffer.concat([Buffer.from(`${family}\0`), textBytes(text)]);
}

/** The bytes that hashes of a secret are made of. */
export function secretBytes(secret: Secret): Buffer {
  return textBytes(secret.reveal());
}

/** Secrets hold one byte a code unit, unless decoding gave characters beyond that. */
function textBytes(text: string): Buffer {
  // eslint-disable-next-line no-control-regex
  return Buffer.from(text, /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf8');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function short(hash: Buffer): string {
  return base32(hash, FINGERPRINT_LENGTH);
}

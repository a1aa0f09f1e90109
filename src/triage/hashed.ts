import { createHash } from 'node:crypto';

import { nestsDeeper } from '../bytes/json-depth.ts';
import type { Secret } from '../core/secret.ts';
import { TriageError } from '../errors/triage.ts';
import { type Fingerprinter, secretBytes } from './fingerprint.ts';
import { isGitleaksIgnoreLine, type PlaceEntry, parseGitleaksIgnore } from './gitleaks.ts';

/** What another tool remembers of a secret that may stay: a bare hash of its value. Honoured, and never written. */
export interface HashEntry {
  readonly algorithm: 'sha1' | 'sha256';
  /** In lower-case hexadecimal. */
  readonly hash: string;
  /** The one file it holds for; null: everywhere. */
  readonly path: string | null;
  /** Where the entry stands, for people. */
  readonly origin: string;
}

/** What a file of another tool allows, and what of it has no effect here. */
export interface OldEntries {
  readonly places: readonly PlaceEntry[];
  readonly hashes: readonly HashEntry[];
  readonly remarks: readonly string[];
}

const SHA256 = /^[0-9a-f]{64}$/i;

/**
 * Reads `.betterleaksignore` (and `.gitleaksignore`): fingerprints of gitleaks,
 * or, as betterleaks 2 has it, SHA-256 of secrets, one a line.
 *
 * @throws TriageError `TRIAGE_FILE_INVALID` naming the line
 */
export function parseBetterleaksIgnore(text: string, name: string): OldEntries {
  const hashes: HashEntry[] = [];
  const rest = text.split(/\r?\n/).map((raw, index) => {
    const line = raw.trim();
    if (!SHA256.test(line)) return raw;
    hashes.push({ algorithm: 'sha256', hash: line.toLowerCase(), path: null, origin: `${name}:${index + 1}` });
    return '';
  });
  return { places: parseGitleaksIgnore(rest.join('\n'), name), hashes, remarks: [] };
}

/** Whether a line of such a file is an entry, a comment or empty. */
export function isIgnoreLine(line: string): boolean {
  return SHA256.test(line.trim()) || isGitleaksIgnoreLine(line);
}

/** More brackets in brackets than a baseline has. */
const DEEPEST = 32;

/** Whether a text is a baseline of detect-secrets. */
export function isSecretsBaseline(text: string): boolean {
  return /^\s*\{/.test(text);
}

/**
 * Reads `.secrets.baseline` of detect-secrets: SHA-1 of each secret, by file. The
 * line is not compared, as there. What a person audited as a real secret stays open.
 *
 * @throws TriageError `TRIAGE_FILE_INVALID`
 */
export function parseSecretsBaseline(text: string, name: string): OldEntries {
  const top = fieldsOf(parsed(text, name));
  const results = top.get('results');
  if (typeof results !== 'object' || results === null || Array.isArray(results))
    throw new TriageError('TRIAGE_FILE_INVALID', `${name} is no baseline of detect-secrets: it has no results`);
  const hashes: HashEntry[] = [];
  let real = 0;
  for (const [file, list] of Object.entries(results)) {
    for (const [index, record] of (Array.isArray(list) ? list : []).entries()) {
      const fields = fieldsOf(record);
      const hash = fields.get('hashed_secret');
      if (typeof hash !== 'string' || !/^[0-9a-f]{40}$/i.test(hash))
        throw new TriageError('TRIAGE_FILE_INVALID', `${name}, ${file}, entry ${index + 1} has no hashed_secret`);
      if (fields.get('is_secret') === true) {
        real++;
        continue;
      }
      const path = file.replaceAll('\\', '/').replace(/^\.\//, '');
      hashes.push({ algorithm: 'sha1', hash: hash.toLowerCase(), path, origin: originOf(name, path, fields) });
    }
  }
  return { places: [], hashes, remarks: [...remarksOn(top, name), ...(real === 0 ? [] : [audited(name, real)])] };
}

function originOf(name: string, path: string, fields: ReadonlyMap<string, unknown>): string {
  const [type, line] = [fields.get('type'), fields.get('line_number')];
  return `${name}: ${typeof type === 'string' ? `${type} in ` : ''}${path}${typeof line === 'number' ? `:${line}` : ''}`;
}

function audited(name: string, count: number): string {
  return `${name}: ${count} ${count === 1 ? 'entry was' : 'entries were'} audited as real, which allows nothing here`;
}

/** Filters that people set; the others are what detect-secrets always does. */
const EXCLUDES = /should_exclude_(?:file|line|secret)$/;

function remarksOn(top: ReadonlyMap<string, unknown>, name: string): string[] {
  const named = (key: string, field: string): string[] => {
    const list = top.get(key);
    return (Array.isArray(list) ? list : []).flatMap((one: unknown) => {
      const value = fieldsOf(one).get(field);
      return typeof value === 'string' ? [value] : [];
    });
  };
  const filters = named('filters_used', 'path').filter((path) => EXCLUDES.test(path));
  const own = named('plugins_used', 'path');
  return [
    ...filters.map((path) => `${name}: the filter ${path} has no effect here; use [paths] ignore or [[allow]]`),
    ...own.map((path) => `${name}: the plugin ${path} has no effect here; write a rule (docs/RULES.md)`),
  ];
}

function parsed(text: string, name: string): unknown {
  try {
    if (nestsDeeper(text, DEEPEST)) throw new RangeError('nested');
    return JSON.parse(text);
  } catch {
    throw new TriageError('TRIAGE_FILE_INVALID', `${name} is not valid JSON, or nested without end`);
  }
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

/** Fingerprints as they are made, and what entries of other tools are compared with. */
export interface Hashing {
  readonly fingerprinter: Fingerprinter;
  /** `sha1:…` and `sha256:…` of every secret that had this fingerprint. */
  readonly hashesOf: (fingerprint: string) => ReadonlySet<string>;
  /** The secrets themselves, where entries hold values. */
  readonly secretsOf: (fingerprint: string) => readonly Secret[];
}

const NONE: ReadonlySet<string> = new Set();
/** All that detect-secrets takes of a private key. */
const KEY_HEADER = /BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?/;

/** Wraps a fingerprinter so that entries by hash or by value can be compared; only where there are any. */
export function hashing(
  maker: Fingerprinter,
  { hashes = [], places = [] }: { readonly hashes?: readonly HashEntry[]; readonly places?: readonly PlaceEntry[] },
): Hashing {
  const wanted = new Set(hashes.map(keyOfHash));
  const holdsValues = places.some(({ secret }) => secret !== undefined);
  if (wanted.size === 0 && !holdsValues) return { fingerprinter: maker, hashesOf: () => NONE, secretsOf: () => [] };
  const known = new Map<string, Set<string>>();
  const secrets = new Map<string, Map<string, Secret>>();
  return {
    fingerprinter: {
      ...maker,
      ...(maker.ahead ? { ahead: { ...maker.ahead, standIn: undefined } } : {}),
      of(family, secret) {
        const fingerprint = maker.of(family, secret);
        for (const key of wanted.size === 0 ? [] : keysOf(secret)) {
          if (!wanted.has(key)) continue;
          const keys = known.get(fingerprint) ?? new Set();
          known.set(fingerprint, keys.add(key));
        }
        if (holdsValues) {
          // Weak values past a number share one id.
          const same = secrets.get(fingerprint) ?? new Map<string, Secret>();
          secrets.set(fingerprint, same.set(secret.reveal(), secret));
        }
        return fingerprint;
      },
    },
    hashesOf: (fingerprint) => known.get(fingerprint) ?? NONE,
    secretsOf: (fingerprint) => [...(secrets.get(fingerprint)?.values() ?? [])],
  };
}

function keysOf(secret: Secret): string[] {
  const bytes = secretBytes(secret);
  const header = KEY_HEADER.exec(bytes.toString('latin1'))?.[0];
  return [
    `sha1:${hex('sha1', bytes)}`,
    `sha256:${hex('sha256', bytes)}`,
    ...(header === undefined ? [] : [`sha1:${hex('sha1', Buffer.from(header))}`]),
  ];
}

export function keyOfHash({ algorithm, hash }: Pick<HashEntry, 'algorithm' | 'hash'>): string {
  return `${algorithm}:${hash}`;
}

function hex(algorithm: HashEntry['algorithm'], bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

import type { TriageEntry } from './entry.ts';
import type { Fingerprinter } from './fingerprint.ts';

/** Carries suppressions and baselines over to another fingerprint key. */
export interface Rekeying {
  /** To scan with: it makes the new fingerprints and remembers the old ones. */
  readonly fingerprinter: Fingerprinter;
  /** After the scan: entries of found secrets under the new key; the others unchanged, for a later scan to find. */
  rekey(entries: readonly TriageEntry[]): { readonly entries: TriageEntry[]; readonly left: TriageEntry[] };
}

/** A hash cannot be turned into another one: the secrets must be seen again, by a scan in between. */
export function rekeying(from: Fingerprinter, to: Fingerprinter): Rekeying {
  const renamed = new Map<string, string>();
  return {
    fingerprinter: {
      keyId: to.keyId,
      of(family, secret) {
        const fingerprint = to.of(family, secret);
        renamed.set(from.of(family, secret), fingerprint);
        return fingerprint;
      },
    },
    rekey(entries) {
      const left = entries.filter((entry) => entry.key === from.keyId && !renamed.has(entry.fingerprint));
      const all = entries.map((entry) => {
        const fingerprint = entry.key === from.keyId ? renamed.get(entry.fingerprint) : undefined;
        return fingerprint === undefined ? entry : { ...entry, fingerprint, key: to.keyId };
      });
      return { entries: all, left };
    },
  };
}

import type { BlobScan } from '../../src/core/detector.ts';
import { seedOf, seededRandom } from '../../src/rules/random.ts';
import { BRANDS, FORMS, type Form, type Sample, sampleOf } from './written-forms.ts';

/** What became of the samples of one provider in one written form. */
export interface Recall {
  /** The brand's id: a provider, or one of its kinds of credential. */
  readonly brand: string;
  readonly form: string;
  readonly tried: number;
  /** Found by a rule of the provider with exactly the secret. */
  readonly found: number;
  /** Reported at high confidence, of those found. */
  readonly high: number;
  /** One text that was missed, for a person to look at; made at run time from random values. */
  readonly missed: string | null;
}

/** Scans `count` random credentials of every provider in every form that applies. */
export function* measureRecall(
  count: number,
  scan: (bytes: Uint8Array) => BlobScan,
  chosen: (brand: string, form: string) => boolean = () => true,
): Generator<Recall> {
  for (const brand of BRANDS) {
    for (const form of FORMS) {
      if (!chosen(brand.id, form.id)) continue;
      const random = seededRandom(seedOf(`${brand.id} ${form.id}`));
      const samples = Array.from({ length: count }, () => sampleOf(brand, random));
      if (form.applies !== undefined && samples[0] !== undefined && !form.applies(samples[0])) continue;
      yield recallOf(brand.id, form, samples, scan);
    }
  }
}

function recallOf(
  brand: string,
  form: Form,
  samples: readonly Sample[],
  scan: (bytes: Uint8Array) => BlobScan,
): Recall {
  let found = 0;
  let high = 0;
  let missed: string | null = null;
  for (const sample of samples) {
    const written = form.write(sample);
    const bytes = typeof written === 'string' ? Buffer.from(written) : written;
    const finding = scan(bytes).findings.find(
      ({ rule, secret }) => rule.provider === sample.provider && secret.reveal() === sample.secret,
    );
    if (finding === undefined) missed ??= typeof written === 'string' ? written : form.id;
    else found++;
    if (finding?.confidence === 'high') high++;
  }
  return { brand, form: form.id, tried: samples.length, found, high, missed };
}

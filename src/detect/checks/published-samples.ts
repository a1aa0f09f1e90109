import { createHash } from 'node:crypto';

/** Hexadecimal characters kept of each SHA-256. */
const KEPT = 32;

/**
 * Values that providers print in their own documentation and that people copy,
 * as the beginning of their SHA-256: turboSMTP's OpenAPI samples (seven),
 * Stripe's two test keys, the token of jwt.io, GitHub's installation tokens,
 * the two keys of Supabase's local development, the tokens and unlock keys of
 * Docker Swarm's manual (eight), the tokens of RFC 6749, keys of RFC 7515, 7517 and 8037 (four), the passwords of the
 * manuals of Kubernetes' and Terraform's secrets, and the samples of Mollie, OVH,
 * Midtrans, Meraki, Zendesk, X, CircleCI, Dynatrace and Tableau.
 */
const SAMPLES: ReadonlySet<string> = new Set([
  '7aa5212852967d444ab0fb1925ba8c81',
  'e18a442918f506c17462c68a30ac0a28',
  'd22922fe6f5b545c338d8dd436d5ce6b',
  '534b8e5b5a74c52131e1d1d2c615d2f1',
  '020e8d8d4a5c668f523b5f5364599fe9',
  '3acd38d456aa6ba6363bca45a901ef56',
  '3f741506bf5cf3a1bcfc702c2072b68f',
  '2cafc0970149a84f3b9e62eaf169f36f',
  'f2d6ca16515033e5dce14eba840b979d',
  '7f75367e7881255134e1375e723d1dea',
  '797c0ce414586cc8eb6929afe947c720',
  '44f05a069ba895c401634036b0a72b94',
  '0c5b6d9485adaed0df5130b3cccd5a37',
  '6804baa3d536719b4f978c8e3400a6a9',
  '5465915627bd5b86ee0e0ca69d7d4091',
  '9154e2e6fbfb1e50a3f18fe4deb60691',
  '905fe7cc0a49c622452c9ac7fa7fcc28',
  '819994820a8ec7d6193be7f6c9b8b0f6',
  '17e6cadb80f15551d7661a4329b2a6ef',
  'd9c3482af2ba6590401884b4e15dea6d',
  '98e36a17dcd573f608c4f317aa7a8066',
  '855ec2d03b9da3aad4e8d294d9d62a96',
  '50eacdd93aa386e6088a4f84881b141a',
  '9387af38d1038761f0ce6deb8dce56e1',
  'df9689211e72502079490c1203b4e9dd',
  '13fe7a38a57c46053ee3a4716358619f',
  '00cf4c781dc37003f7c7dd7d4c9a6ef1',
  '6c96130f130ab0d6d158397e24d2bcc1',
  'b5b17ca1d65733bbbdf82a5ca9164a54',
  '33a6d3750d9a769b1c15ed2c4c2aa19f',
  'e9897976005540a696eae0c401c7156d',
  '441c66009c2ab92078dcfbac9126e998',
  'a7331a07f97f46866678585fbb14ed67',
  '8fa8115a160936ecf2aa4f35c9d4e850',
  '48696500c3c24e086f3cec88eb11cb02',
  '9ec0be036c22f06fc32c70cf32aac22a',
  '5ccf2edb4f070f0b180f1adadb1be7c5',
  'a45404ae333dd955dcff82cf28972e0f',
  '190edf59d5736c3b3ea6bb36d57f5eb4',
  '8b1b17a9740c068accab5c3d0d652c8e',
]);

/** True for a value that is known from a provider's documentation. */
export function isPublishedSample(secret: string): boolean {
  return SAMPLES.has(createHash('sha256').update(secret, 'latin1').digest('hex').slice(0, KEPT));
}

import { createHash, createHmac } from 'node:crypto';

import { Secret } from '../core/secret.ts';

export interface SigningInput {
  readonly url: URL;
  readonly body: string;
  readonly contentType: string;
  readonly service: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: Secret;
  readonly now: Date;
  /** More `x-amz-…` headers of the request: AWS wants each of them signed. Names in lower case. */
  readonly headers?: Readonly<Record<string, string | Secret>>;
}

function clear(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal();
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Headers that sign a POST without a query (AWS Signature Version 4).
 *
 * @see "Create a signed AWS API request" in the IAM User Guide
 */
export function awsHeaders(input: SigningInput): Record<string, string | Secret> {
  const stamp = input.now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${stamp.slice(0, 8)}/${input.region}/${input.service}/aws4_request`;
  const headers = Object.entries({
    'content-type': input.contentType,
    host: input.url.host,
    'x-amz-date': stamp,
    ...input.headers,
  }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const signed = headers.map(([name]) => name).join(';');
  const canonical = [
    'POST',
    input.url.pathname,
    '',
    ...headers.map(([name, value]) => `${name}:${clear(value)}`),
    '',
    signed,
    sha256(input.body),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const key = [input.region, input.service, 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    hmac(`AWS4${input.secret.reveal()}`, stamp.slice(0, 8)),
  );
  const signature = hmac(key, toSign).toString('hex');
  const credential = `Credential=${input.keyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  return { 'x-amz-date': stamp, authorization: new Secret(`AWS4-HMAC-SHA256 ${credential}`) };
}

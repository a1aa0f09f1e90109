/** The user's own providers file, as written. Nothing of it ever comes from a repository. */
import * as z from 'zod/mini';

const text = z.string().check(z.maxLength(4000));
const name = z.string().check(z.minLength(1), z.maxLength(400));
const statuses = z.array(z.int().check(z.minimum(100), z.maximum(599))).check(z.minLength(1));
const command = z.array(name).check(z.minLength(1), z.maxLength(64));

/** When an answer is a yes: a status, and words that stand at paths of the JSON body. */
const matcher = z.strictObject({
  status: statuses,
  body: z.exactOptional(z.record(name, z.union([z.string(), z.number(), z.boolean()]))),
});

const json: z.ZodMiniType = z.unknown();

const request = {
  method: z.exactOptional(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])),
  path: z.exactOptional(text),
  headers: z.exactOptional(z.record(name, text)),
  body: z.exactOptional(json),
  form: z.exactOptional(z.record(name, text)),
  success: z.exactOptional(matcher),
  'not-found': z.exactOptional(matcher),
  denied: z.exactOptional(matcher),
  error: z.exactOptional(name),
};

export const AdapterSchema = z.strictObject({
  url: z.exactOptional(text),
  kind: z.exactOptional(name),
  'operator-env': z.exactOptional(text),
  auth: z.exactOptional(z.strictObject({ header: name, value: text })),
  list: z.exactOptional(
    z.strictObject({
      ...request,
      items: z.exactOptional(text),
      id: name,
      label: z.exactOptional(name),
      'created-at': z.exactOptional(name),
      'last-used-at': z.exactOptional(name),
      permissions: z.exactOptional(name),
      ips: z.exactOptional(name),
      'last-four': z.exactOptional(name),
      shown: z.exactOptional(name),
    }),
  ),
  identify: z.exactOptional(z.strictObject({ ...request, id: name })),
  revoke: z.exactOptional(
    z.strictObject({ ...request, url: z.exactOptional(text), command: z.exactOptional(command) }),
  ),
  create: z.exactOptional(z.strictObject({ ...request, secret: name, id: z.exactOptional(name) })),
  confirm: z.exactOptional(z.strictObject({ ...request, live: matcher, refused: matcher })),
});

export const UserFileSchema = z.strictObject({
  protect: z.exactOptional(z.array(name)),
  'allow-private': z.exactOptional(z.array(name)),
  url: z.exactOptional(z.record(name, name)),
  notify: z.exactOptional(z.strictObject({ webhook: name })),
  // Each is checked by the schema of its own kind.
  store: z.exactOptional(z.record(name, z.record(name, z.unknown()))),
  adapter: z.exactOptional(z.record(name, AdapterSchema)),
});

export type AdapterSource = z.infer<typeof AdapterSchema>;
export type RequestSource = Pick<
  NonNullable<AdapterSource['revoke']>,
  'method' | 'path' | 'headers' | 'body' | 'form' | 'success' | 'not-found' | 'denied' | 'error'
>;
export type MatcherSource = z.infer<typeof matcher>;

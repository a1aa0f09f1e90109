/** Stores of the user's own providers file, as written: which secret of which store a key is kept in. */
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1), z.maxLength(400));
const command = z.array(name).check(z.minLength(1), z.maxLength(64));

/** Part of the key → field of the secret. */
const fields = z.record(z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/)), name);

const common = {
  fields: z.exactOptional(fields),
  /** Short for `fields` of a key of one part. */
  field: z.exactOptional(name),
  /** Credential → the environment variable that holds it, where it is not the usual one. */
  'credential-env': z.exactOptional(z.record(name, z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)))),
  /** Prints the credential, as `gcloud auth print-access-token` does; run without a shell. */
  'credential-command': z.exactOptional(command),
};

/** A secret in a store that this program reads and writes itself, by the kind of store. */
export const SecretStoreSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('aws-secrets-manager'),
    region: z.string().check(z.regex(/^[a-z]{2}(?:-[a-z0-9]+){1,4}$/)),
    secret: name,
    address: z.exactOptional(name),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('vault'),
    address: name,
    mount: z.exactOptional(name),
    path: name,
    namespace: z.exactOptional(name),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('azure-key-vault'),
    address: name,
    secret: z.string().check(z.regex(/^[0-9A-Za-z-]{1,127}$/)),
    login: z.exactOptional(name),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('github-actions'),
    repository: z.exactOptional(name),
    environment: z.exactOptional(name),
    organization: z.exactOptional(name),
    dependabot: z.exactOptional(z.boolean()),
    secret: z.exactOptional(name),
    address: z.exactOptional(name),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('google-secret-manager'),
    project: name,
    secret: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,255}$/)),
    location: z.exactOptional(z.string().check(z.regex(/^[a-z0-9-]{1,63}$/))),
    address: z.exactOptional(name),
    login: z.exactOptional(name),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('doppler'),
    project: name,
    config: name,
    secret: z.exactOptional(name),
    address: z.exactOptional(name),
    ...common,
  }),
  z.strictObject({ kind: z.literal('env-file'), path: name, ...common }),
]);

type SecretStoreSource = z.infer<typeof SecretStoreSchema>;

export type StoreKind = SecretStoreSource['kind'];

/** A store of the file with its name. */
export type StoreConfig<K extends StoreKind = StoreKind> = { readonly name: string } & Readonly<
  Extract<SecretStoreSource, { kind: K }>
>;

/** A store that is commands of the user's own. */
export const StoreCommandsSchema = z.strictObject({ read: z.exactOptional(command), write: z.exactOptional(command) });

import * as z from 'zod/mini';

/** `.unleak.toml` as written. `docs/config.schema.json` is generated from the schema below. */
export interface ConfigSource {
  /** Makes fingerprints that only holders of the key can guess from. Committed, so not a secret. */
  readonly 'fingerprint-key'?: string;
  readonly paths?: { readonly ignore?: readonly string[] };
  readonly rules?: {
    readonly disable?: readonly string[];
    readonly only?: readonly string[];
    readonly files?: readonly string[];
  };
  readonly limits?: { readonly 'max-file-size'?: string | number };
  readonly allow?: readonly AllowSource[];
}

export interface AllowSource {
  readonly reason: string;
  readonly rules?: readonly string[];
  readonly paths?: readonly string[];
  readonly owner?: string;
  readonly expires?: string;
}

function said<T extends z.ZodMiniType>(schema: T, description: string): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

const name = z.string().check(z.minLength(1), z.maxLength(200));
const glob = z.string().check(z.minLength(1), z.maxLength(1000));
const globs = z.array(glob).check(z.maxLength(10_000));
const names = z.array(name).check(z.minLength(1), z.maxLength(10_000));
const SIZE = /^\d{1,12}\s*(?:[kKMGT]?B?|[KMGT]iB)$/;

const AllowSchema: z.ZodMiniType<AllowSource> = z.strictObject({
  reason: said(z.string().check(z.minLength(1), z.maxLength(1000)), 'Why it may stay'),
  rules: z.exactOptional(said(z.array(name).check(z.minLength(1)), 'Rule ids or providers; all without')),
  paths: z.exactOptional(
    said(z.array(glob).check(z.minLength(1)), 'Globs; every copy of the secret must lie under them'),
  ),
  owner: z.exactOptional(name),
  expires: z.exactOptional(said(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/)), 'Last day it holds')),
});

export const ConfigSchema: z.ZodMiniType<ConfigSource> = said(
  z.strictObject({
    'fingerprint-key': z.exactOptional(
      said(
        z.string().check(z.minLength(16), z.maxLength(1000)),
        'Fingerprints are made with it. Changing it makes every baseline entry and suppression unknown',
      ),
    ),
    paths: z.exactOptional(
      z.strictObject({ ignore: z.exactOptional(said(globs, 'Globs of what is not scanned; counted as skipped')) }),
    ),
    rules: z.exactOptional(
      z.strictObject({
        disable: z.exactOptional(said(z.array(name), 'Rule ids or providers that are off')),
        only: z.exactOptional(said(names, 'Rule ids or providers; all others are off')),
        files: z.exactOptional(
          said(names, 'Further rule files or folders, or one configuration of gitleaks (.toml), relative to this file'),
        ),
      }),
    ),
    limits: z.exactOptional(
      z.strictObject({
        'max-file-size': z.exactOptional(
          said(
            z.union([z.int().check(z.minimum(1)), z.string().check(z.regex(SIZE))]),
            'Larger files are skipped: bytes, or a text such as "20 MB"; no limit without',
          ),
        ),
      }),
    ),
    allow: z.exactOptional(said(z.array(AllowSchema).check(z.maxLength(10_000)), 'Findings that may stay')),
  }),
  'Configuration of unleak, .unleak.toml',
);

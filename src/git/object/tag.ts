import { identity } from './commit.ts';
import { header, parseHeaders } from './headers.ts';
import type { Identity } from './signature.ts';

export interface Tag {
  readonly object: string | null;
  readonly name: string;
  readonly tagger: Identity;
}

/** The header of an annotated tag. */
export function parseTag(bytes: Uint8Array): Tag {
  const object = parseHeaders(bytes);
  const target = header(object, 'object') ?? '';
  return {
    object: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(target) ? target : null,
    name: header(object, 'tag') ?? '',
    tagger: identity(object, 'tagger', header(object, 'encoding')),
  };
}

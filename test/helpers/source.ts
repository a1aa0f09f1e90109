/** Drains sources and stands in for the engine: a fingerprint is a text that a test looks for. */
import type { Blob, ByteStream } from '../../src/core/blob.ts';
import type { Source } from '../../src/core/source.ts';

export const signal: AbortSignal = new AbortController().signal;

export interface Drained {
  readonly id: string;
  readonly kind: Blob['kind'];
  readonly bytes: Buffer;
  readonly streamed: boolean;
}

export async function contentOf(content: Uint8Array | ByteStream): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const chunks: Buffer[] = [];
  for await (const chunk of content.chunks) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** All blobs of a source, copied. */
export async function drain(source: Source): Promise<Drained[]> {
  const drained: Drained[] = [];
  for await (const { id, kind, content } of source.blobs(signal)) {
    drained.push({ id, kind, bytes: await contentOf(content), streamed: !(content instanceof Uint8Array) });
  }
  return drained;
}

/** The blobs that hold each of these texts, as UTF-8 or UTF-16: what attribution is asked about. */
export function holdingsOf(drained: readonly Drained[], texts: readonly string[]): Map<string, Set<string>> {
  const holdings = new Map<string, Set<string>>();
  for (const { id, bytes } of drained) {
    const held = texts.filter((text) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')));
    if (held.length > 0) holdings.set(id, new Set(held));
  }
  return holdings;
}

/** Drains, looks for the texts, attributes. */
export async function find(source: Source, texts: readonly string[]) {
  const drained = await drain(source);
  const holdings = holdingsOf(drained, texts);
  return { drained, holdings, ...(await source.attribute(holdings, signal)) };
}

/** What a source reads again, as text; empty if it cannot. */
export async function readText(source: Source, id: string): Promise<string> {
  const content = await source.read(id, signal);
  return content === null ? '' : (await contentOf(content)).toString('utf8');
}

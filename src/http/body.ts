import { HttpError } from '../errors/http.ts';

/**
 * Reads a body to its end, as UTF-8.
 *
 * @param limit - bytes; one more is an error, and nothing more is read
 * @throws HttpError `HTTP_BODY_TOO_LARGE`
 */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    size += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (size > limit) throw new HttpError('HTTP_BODY_TOO_LARGE', `Answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A body as JSON; null if it is none. Servers answer with HTML, nothing at all, or half a document. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

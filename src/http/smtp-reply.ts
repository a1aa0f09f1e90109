import type { Socket } from 'node:net';

import { HttpError } from '../errors/http.ts';

export interface SmtpReply {
  readonly code: number;
  /** The lines without code and separator. */
  readonly lines: readonly string[];
}

/** RFC 5321 §4.5.3.1.5 allows 512 bytes a line; a whole reply of ours stays far below this. */
const MAX_REPLY_BYTES = 16 * 1024;

const COMPLETE = /^(?:\d{3}-[^\r\n]*\r?\n)*\d{3}(?: [^\r\n]*)?\r?\n/;

function parse(text: string): SmtpReply {
  const lines = text.trimEnd().split(/\r?\n/);
  return { code: Number(lines[0]?.slice(0, 3)), lines: lines.map((line) => line.slice(4)) };
}

/**
 * Reads one reply at a time from a socket.
 *
 * Bytes beyond the reply are an error: nothing is pipelined here, and what a
 * stranger injects before TLS must not be taken for the server's word.
 */
export function replyReader(socket: Socket): () => Promise<SmtpReply> {
  let buffer = '';
  let ended: Error | null = null;
  let wake: () => void = () => {};
  const stop = (error: Error): void => {
    ended ??= error;
    wake();
  };
  socket.on('data', (chunk: Buffer) => {
    buffer += chunk.toString('latin1');
    wake();
  });
  socket.on('error', stop);
  socket.on('close', () => {
    stop(new HttpError('HTTP_NETWORK', 'The server closed the connection'));
  });
  return async () => {
    for (;;) {
      const reply = takeReply(buffer);
      if (reply) {
        buffer = '';
        return reply;
      }
      if (ended) throw ended;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

function takeReply(buffer: string): SmtpReply | null {
  if (buffer.length > MAX_REPLY_BYTES) throw new HttpError('SMTP_PROTOCOL', 'The server does not stop answering');
  const match = COMPLETE.exec(buffer)?.[0];
  if (match === undefined) {
    if (/^(?!\d{0,3}$|\d{3}[ \-\r\n])/.test(buffer))
      throw new HttpError('SMTP_PROTOCOL', 'The server does not answer in SMTP');
    return null;
  }
  if (match.length < buffer.length) throw new HttpError('SMTP_PROTOCOL', 'The server answered before it was asked');
  return parse(match);
}

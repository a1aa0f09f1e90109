/**
 * SMTP up to and including AUTH, never a message: the one harmless way to ask
 * whether a sending-only credential lives (RFC 5321, 4954, 3207).
 */
import { type Socket, connect as connectTcp } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';

import type { Secret } from '../core/secret.ts';
import { HttpError } from '../errors/http.ts';
import { bareHost, isLoopbackHost } from './address.ts';
import { type Reach, addressesOf, pinnedLookup } from './reach.ts';
import { redactSecrets } from './redact.ts';
import { type SmtpReply, replyReader } from './smtp-reply.ts';

export interface SmtpProbe {
  /** `smtps://host:465` (TLS from the start) or `smtp://host:587` (STARTTLS; without it on loopback only). */
  readonly url: URL;
  readonly allowedHosts: readonly string[];
  readonly user: Secret;
  readonly password: Secret;
}

export interface SmtpOptions {
  readonly reach: Reach;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly timeoutMs: number;
  /** Certificate of a private authority, PEM; the public ones without it. */
  readonly ca?: string;
}

/** The server's reply to AUTH. 235 is yes, 535 is no, everything else is neither (RFC 4954 §6). */
export interface SmtpAnswer {
  readonly code: number;
  readonly text: string;
  readonly at: string;
}

interface Session {
  readonly socket: Socket | TLSSocket;
  readonly reply: () => Promise<SmtpReply>;
  readonly secure: boolean;
}

const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

function portOf(url: URL): number {
  const port = url.port === '' ? PORTS[url.protocol] : Number(url.port);
  if (port === undefined)
    throw new HttpError('HTTP_URL_INVALID', `${url.protocol}//${url.host} is not an SMTP address`);
  return port;
}

async function open(probe: SmtpProbe, options: SmtpOptions, signal: AbortSignal): Promise<Session> {
  const host = bareHost(probe.url);
  const lookup = pinnedLookup(await addressesOf(host, options.reach));
  const socket = connectTcp({ host, port: portOf(probe.url), lookup, autoSelectFamily: true });
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  const plain = { socket, reply: replyReader(socket), secure: false };
  return probe.url.protocol === 'smtps:' ? upgrade(plain, host, options, signal) : plain;
}

function upgrade(session: Session, host: string, options: SmtpOptions, signal: AbortSignal): Promise<Session> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: session.socket,
      servername: host,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve({ socket, reply: replyReader(socket), secure: true });
    });
  });
}

async function command(session: Session, line: string): Promise<SmtpReply> {
  session.socket.write(`${line}\r\n`);
  return session.reply();
}

function expectCode(reply: SmtpReply, code: number, doing: string): void {
  if (reply.code !== code)
    throw new HttpError('SMTP_PROTOCOL', `The server answered ${reply.code} to ${doing}`, {
      facts: { code: reply.code },
    });
}

async function hello(session: Session): Promise<SmtpReply> {
  const reply = await command(session, 'EHLO unleak.invalid');
  expectCode(reply, 250, 'EHLO');
  return reply;
}

function offers(reply: SmtpReply, keyword: string): boolean {
  return reply.lines.some((line) => line.toUpperCase().split(/[ =]/)[0] === keyword);
}

/** TLS before any credential; on loopback a server without it is accepted. */
async function secured(
  session: Session,
  host: string,
  options: SmtpOptions,
  signal: AbortSignal,
): Promise<[Session, SmtpReply]> {
  const greeting = await hello(session);
  if (session.secure) return [session, greeting];
  if (!offers(greeting, 'STARTTLS')) {
    if (isLoopbackHost(host)) return [session, greeting];
    throw new HttpError('SMTP_NO_TLS', `${host} offers no STARTTLS`, { facts: { host } });
  }
  expectCode(await command(session, 'STARTTLS'), 220, 'STARTTLS');
  const safe = await upgrade(session, host, options, signal);
  return [safe, await hello(safe)];
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

async function authenticate(session: Session, ehlo: SmtpReply, probe: SmtpProbe): Promise<SmtpReply> {
  const methods = ehlo.lines
    .filter((line) => /^AUTH[ =]/i.test(line))
    .flatMap((line) => line.toUpperCase().split(/[ =]/));
  const [user, password] = [probe.user.reveal(), probe.password.reveal()];
  if (methods.includes('PLAIN')) return command(session, `AUTH PLAIN ${base64(`\0${user}\0${password}`)}`);
  if (!methods.includes('LOGIN'))
    throw new HttpError('SMTP_PROTOCOL', 'The server offers neither AUTH PLAIN nor LOGIN');
  const first = await command(session, 'AUTH LOGIN');
  if (first.code !== 334) return first;
  const second = await command(session, base64(user));
  return second.code === 334 ? command(session, base64(password)) : second;
}

async function talk(probe: SmtpProbe, options: SmtpOptions, signal: AbortSignal): Promise<SmtpAnswer> {
  const session = await open(probe, options, signal);
  try {
    expectCode(await session.reply(), 220, 'the connection');
    const [safe, ehlo] = await secured(session, bareHost(probe.url), options, signal);
    const reply = await authenticate(safe, ehlo, probe);
    safe.socket.write('QUIT\r\n');
    const secrets = [probe.user, probe.password];
    return { code: reply.code, text: redactSecrets(reply.lines.join(' '), secrets), at: options.now().toISOString() };
  } finally {
    session.socket.destroy();
  }
}

function asSmtpError(error: unknown, host: string, limit: AbortSignal, options: SmtpOptions): HttpError {
  if (options.signal.aborted) return new HttpError('HTTP_ABORTED', `AUTH at ${host} was interrupted`);
  if (limit.aborted) return new HttpError('HTTP_TIMEOUT', `${host} did not answer in ${options.timeoutMs} ms`);
  if (error instanceof HttpError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  return new HttpError('HTTP_NETWORK', `Connection to ${host} failed (${code})`, { facts: { host, cause: code } });
}

/**
 * Logs in and leaves.
 *
 * @throws HttpError; an answer to AUTH is never one, whatever it says
 */
export async function smtpLogin(probe: SmtpProbe, options: SmtpOptions): Promise<SmtpAnswer> {
  if (!probe.allowedHosts.includes(probe.url.host))
    throw new HttpError('HTTP_HOST_NOT_ALLOWED', `${probe.url.host} is not among the hosts of this provider`);
  const limit = AbortSignal.timeout(options.timeoutMs);
  try {
    return await talk(probe, options, AbortSignal.any([limit, options.signal]));
  } catch (error) {
    throw asSmtpError(error, probe.url.host, limit, options);
  }
}

import { type AddressInfo, type Socket, createServer } from 'node:net';

import { afterEach, describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { smtpLogin } from '../../src/http/smtp.ts';
import { OPEN_REACH } from './helpers.ts';

const password = ['correct', 'horse'].join('-');
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that plays a script: what it says on connection, then an answer a line. */
async function scripted(greeting: string, answer: (line: string, said: readonly string[]) => string) {
  const said: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(greeting);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        said.push(line);
        socket.write(answer(line, said));
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const login = (timeoutMs = 3000) =>
    smtpLogin(
      { url, allowedHosts: [url.host], user: new Secret('user-name'), password: new Secret(password) },
      { reach: OPEN_REACH, signal: new AbortController().signal, now: () => new Date(), timeoutMs },
    );
  return { said, login };
}

const plain = (code: string) => (line: string) =>
  line.startsWith('EHLO')
    ? '250-hello\r\n250 AUTH PLAIN LOGIN\r\n'
    : line.startsWith('AUTH')
      ? `${code}\r\n`
      : '221 bye\r\n';

describe('smtpLogin', () => {
  test.each([
    ['235 2.7.0 welcome', 235],
    ['535 5.7.8 no', 535],
    ['454 4.7.0 later', 454],
  ])('gives the answer to AUTH PLAIN: %s', async (reply, code) => {
    const server = await scripted('220 ready\r\n', plain(reply));
    expect(await server.login()).toMatchObject({ code });
    expect(server.said.map((line) => line.split(' ')[0])).toEqual(['EHLO', 'AUTH']);
    const sent = Buffer.from(server.said[1]?.split(' ')[2] ?? '', 'base64').toString();
    expect(sent).toBe(`\0user-name\0${password}`);
  });

  test('never names a sender or a recipient', async () => {
    const server = await scripted('220 ready\r\n', plain('235 ok'));
    await server.login();
    expect(server.said.join()).not.toMatch(/MAIL|RCPT|DATA/);
  });

  test('uses LOGIN where there is no PLAIN', async () => {
    const server = await scripted('220 ready\r\n', (line) => {
      if (line.startsWith('EHLO')) return '250-x\r\n250 AUTH=LOGIN\r\n';
      if (line === 'AUTH LOGIN') return '334 VXNlcm5hbWU6\r\n';
      return line === Buffer.from('user-name').toString('base64') ? '334 UGFzc3dvcmQ6\r\n' : '235 ok\r\n';
    });
    expect(await server.login()).toMatchObject({ code: 235 });
    expect(server.said[3]).toBe(Buffer.from(password).toString('base64'));
  });

  test('redacts an echo', async () => {
    const server = await scripted('220 ready\r\n', plain(`535 no such ${password}`));
    expect((await server.login()).text).toBe('no such [redacted]');
  });

  test.each([
    ['no SMTP at all', 'HTTP/1.1 400 Bad\r\n', plain('235 ok'), 'SMTP_PROTOCOL'],
    ['a refusal to talk', '554 go away\r\n', plain('235 ok'), 'SMTP_PROTOCOL'],
    ['an answer before the question', '220 ready\r\n250 injected\r\n', plain('235 ok'), 'SMTP_PROTOCOL'],
    ['no way to log in', '220 ready\r\n', () => '250 plain\r\n', 'SMTP_PROTOCOL'],
    ['endless lines', '220 ready\r\n', () => '250-more\r\n'.repeat(4000), 'SMTP_PROTOCOL'],
    ['silence', '', () => '', 'HTTP_TIMEOUT'],
  ])('reports %s', async (_, greeting, answer, code) => {
    const server = await scripted(greeting, answer);
    await expect(server.login(150)).rejects.toMatchObject({ name: 'HttpError', code });
  });

  test('refuses a private address and an unlisted host', async () => {
    const options = {
      reach: { allowPrivate: new Set<string>(), resolve: async () => [{ address: '10.0.0.1', family: 4 }] },
      signal: new AbortController().signal,
      now: () => new Date(),
      timeoutMs: 500,
    };
    const url = new URL('smtps://smtp.example.com:465');
    const who = { user: new Secret('u'), password: new Secret('p') };
    await expect(smtpLogin({ url, allowedHosts: ['smtp.example.com:465'], ...who }, options)).rejects.toMatchObject({
      code: 'HTTP_ADDRESS_REFUSED',
    });
    await expect(smtpLogin({ url, allowedHosts: [], ...who }, options)).rejects.toMatchObject({
      code: 'HTTP_HOST_NOT_ALLOWED',
    });
  });
});

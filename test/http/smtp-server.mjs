/** A real SMTP server in a process of its own: `node smtp-server.mjs USER PASSWORD [KEY CERT]`. Prints its port. */
import { readFileSync } from 'node:fs';

import { SMTPServer } from 'smtp-server';

const [user, password, key, cert] = process.argv.slice(2);
const tls =
  key === undefined ? { disabledCommands: ['STARTTLS'] } : { key: readFileSync(key), cert: readFileSync(cert ?? '') };
let mails = 0;
const server = new SMTPServer({
  ...tls,
  authMethods: process.env['LOGIN_ONLY'] ? ['LOGIN'] : ['PLAIN', 'LOGIN'],
  allowInsecureAuth: key === undefined,
  onAuth(auth, _session, callback) {
    if (auth.username === user && auth.password === password) callback(null, { user });
    else callback(new Error('Invalid username or password'));
  },
  onMailFrom(_address, _session, callback) {
    mails++;
    callback();
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${server.server.address().port}\n`);
});
process.on('SIGTERM', () => {
  process.stdout.write(`mails ${mails}\n`, () => process.exit(0));
});

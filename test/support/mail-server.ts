import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const DOVECOT = '/usr/sbin/dovecot';
const SUBMISSION = '/usr/lib/dovecot/submission-login';

const missing = [DOVECOT, '/usr/lib/dovecot/imap-login', SUBMISSION].find(
  (path) => !existsSync(path),
);

export const hasMailServer = missing === undefined;

export const mailServerNote = hasMailServer ? '' : ` (skipped: ${missing} is not installed)`;

export const MAILBOX = { username: 'desk', password: 'P4ss"word\\ of the désk' };

export interface MailServer {
  authorityFile: string;
  /** Ports with implicit TLS. */
  implicit: { imap: number; smtp: number };
  /** Ports that start in plaintext and offer STARTTLS if the server has TLS. */
  clear: { imap: number; smtp: number };
  stop(): Promise<void>;
}

/**
 * Starts Dovecot with one mailbox and a certificate for `localhost` only, as a user other than
 * root.
 */
export async function startMailServer({ tls }: { tls: boolean }): Promise<MailServer> {
  const folder = await mkdtemp(join(tmpdir(), 'channelctl-test-mail-'));
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? { uid: 65534, gid: 65534, name: 'nobody', group: 'nogroup' } : ownUser();
  const [imap = 0, imaps = 0, smtp = 0, smtps = 0] = await freePorts(4);
  const { authority, certificate, key } = await makeCertificates();
  await writeFile(join(folder, 'authority.pem'), authority);
  await writeFile(join(folder, 'cert.pem'), certificate);
  await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 });
  await mkdir(join(folder, 'mail'));
  await writeFile(join(folder, 'users'), `${MAILBOX.username}:{PLAIN}${MAILBOX.password}\n`);
  const config = configuration({ folder, tls, ports: { imap, imaps, smtp, smtps }, user });
  await writeFile(join(folder, 'dovecot.conf'), config);
  for (const name of isRoot ? ['', 'mail', 'users', 'key.pem', 'cert.pem', 'dovecot.conf'] : []) {
    await chown(join(folder, name), user.uid, user.gid);
  }
  await chmod(folder, 0o755);
  const child = spawn(DOVECOT, ['-F', '-c', join(folder, 'dovecot.conf')], {
    stdio: 'ignore',
    ...(isRoot ? { uid: user.uid, gid: user.gid } : {}),
  });
  const stop = async () => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const port of tls ? [imap, imaps, smtp, smtps] : [imap, smtp]) await listening(port);
  } catch (error) {
    const log = await readFile(join(folder, 'log'), 'utf8').catch(() => 'no log');
    await stop();
    throw new Error(`Dovecot does not respond: ${log}`, { cause: error });
  }
  return {
    authorityFile: join(folder, 'authority.pem'),
    implicit: { imap: imaps, smtp: smtps },
    clear: { imap, smtp },
    stop,
  };
}

export async function makeCertificates() {
  const common = { keyType: 'ec', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    ca: { key: authority.private, cert: authority.cert },
  });
  return { authority: authority.cert, certificate: server.cert, key: server.private };
}

interface User {
  uid: number;
  gid: number;
  name: string;
  /** Undefined for the user's primary group. */
  group?: string;
}

function ownUser(): User {
  const { uid, gid, username } = userInfo();
  return { uid, gid, name: username };
}

interface ServerOptions {
  folder: string;
  tls: boolean;
  ports: { imap: number; imaps: number; smtp: number; smtps: number };
  user: User;
}

function configuration({ folder, tls, ports, user }: ServerOptions): string {
  const listener = (name: string, port: number, secure: boolean) =>
    `inet_listener ${name} {\n port = ${port}\n${secure ? ' ssl = yes\n' : ''}}`;
  const login = (service: string, names: [string, string], at: [number, number]) => `
service ${service}-login {
 chroot =
 ${listener(names[0], at[0], false)}
 ${listener(names[1], tls ? at[1] : 0, true)}
}`;
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
listen = 127.0.0.1, ::1
protocols = imap submission
hostname = localhost
default_login_user = ${user.name}
default_internal_user = ${user.name}
${user.group === undefined ? '' : `default_internal_group = ${user.group}`}
ssl = ${tls ? 'required' : 'no'}
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
ssl_dh =
mail_location = maildir:${folder}/mail
auth_failure_delay = 0
submission_relay_host = 127.0.0.1
submission_backend_capabilities = 8BITMIME
passdb {
 driver = passwd-file
 args = ${folder}/users
}
userdb {
 driver = static
 args = uid=${user.uid} gid=${user.gid} home=${folder}
}
service anvil {
 chroot =
 unix_listener anvil-auth-penalty {
  mode = 0
 }
}
${login('imap', ['imap', 'imaps'], [ports.imap, ports.imaps])}
${login('submission', ['submission', 'submissions'], [ports.smtp, ports.smtps])}
`;
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}

async function listening(port: number): Promise<void> {
  for (let tries = 100; ; tries -= 1) {
    const failure = await new Promise<Error | null>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(null);
      }).on('error', resolve);
    });
    if (failure === null) return;
    if (tries === 0) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('close', () => resolve());
    child.kill('SIGTERM');
  });
}

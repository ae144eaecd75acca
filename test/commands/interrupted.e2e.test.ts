import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { availableParallelism, constants, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeSelf } from '../../src/profile/lock/lock-owner.ts';
import { type Home, home, PROGRAM, run, start, temporaryFolder } from '../support/cli.ts';

/** Half a second, and proportionally more if the machine is busy with other things. */
const MAX_END_MS = 500 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

interface End {
  code: number | null;
  milliseconds: number;
  stdout: string;
  stderr: string;
}

async function interrupt(child: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<End> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const before = performance.now();
  child.kill(signal);
  const [code, killedBy] = await once(child, 'exit');
  const milliseconds = performance.now() - before;
  return {
    code: killedBy === null ? code : 128 + constants.signals[killedBy as NodeJS.Signals],
    milliseconds,
    stdout,
    stderr,
  };
}

function started(args: string[], env: Record<string, string>) {
  const child = start(args, env);
  child.stdin.on('error', () => {}); // The program may end before it has read its input.
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function homeWithAccount(extra: Record<string, string> = {}): Promise<Home> {
  const own = await home({ TOKEN: 'EAAa-token-of-a-page', ...extra });
  const config = ['--config', 'page_id=81', '--config', 'page_access_token=env:TOKEN'];
  await own.json('accounts', 'create', '--channel', 'messenger', '--account-key', 'fb', ...config);
  return own;
}

async function homeWithApp(channel: string, ...config: string[]): Promise<Home> {
  const own = await home({ SECRET: 'app-secret-of-a-desk' });
  const settings = ['app_id=700', 'app_secret=env:SECRET', ...config];
  const options = settings.flatMap((setting) => ['--config', setting]);
  await own.json('integrations', 'set', channel, ...options);
  return own;
}

async function documentWith(own: Home, app_secret: object): Promise<string[]> {
  const path = join(own.configDir, 'document.json');
  const integrations = [{ channel: 'messenger', config: { app_id: '700', app_secret } }];
  await writeFile(path, JSON.stringify({ version: 1, integrations }));
  return ['apply', '-f', path, '--yes'];
}

/** Each returns a command that waits. */
const WAITING: Record<string, () => Promise<ChildProcess>> = {
  'for a slow response': async () => {
    const server = createServer();
    const own = await homeWithAccount({ CHANNELCTL_GRAPH_URL: await listening(server) });
    const child = started(['menu', 'get', 'fb'], own.env);
    await once(server, 'connection');
    return child;
  },
  'for the rest of a response': async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
    });
    const own = await homeWithAccount({ CHANNELCTL_GRAPH_URL: await listening(server) });
    const child = started(['menu', 'get', 'fb'], own.env);
    await once(server, 'request');
    return child;
  },
  'for another attempt': async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(503, { 'retry-after': '30' }).end('{}');
    });
    const own = await homeWithAccount({ CHANNELCTL_GRAPH_URL: await listening(server) });
    const child = started(['menu', 'get', 'fb'], own.env);
    await once(child.stderr, 'data');
    return child;
  },
  'for a connection': async () => {
    // Packets to this network are dropped (RFC 5737), unless a router refuses them.
    const own = await homeWithAccount({ CHANNELCTL_GRAPH_URL: 'https://192.0.2.1' });
    return afterStart(started(['menu', 'get', 'fb'], own.env));
  },
  'for a mail server': async () => {
    const server = createServer();
    const port = new URL(await listening(server)).port;
    const own = await home({ PASSWORD: 'a-password-of-a-mailbox' });
    const config = ['address=a@example.com', 'imap_host=127.0.0.1', `imap_port=${port}`];
    const options = [...config, 'password=env:PASSWORD'].flatMap((one) => ['--config', one]);
    await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...options);
    const child = started(['email', 'check', 'a'], own.env);
    await once(server, 'connection');
    return child;
  },
  'for a lock': async () => {
    const own = await home();
    const lock = join(own.configDir, 'profiles', 'default.lock');
    await mkdir(join(own.configDir, 'profiles'));
    await writeFile(lock, JSON.stringify(await describeSelf('1f')));
    return afterStart(started(['config', 'set', 'division_id', 'north'], own.env));
  },
  'for the end of its input': async () => {
    const own = await home();
    const args = ['integrations', 'set', 'messenger', '--config', 'app_secret=-'];
    return afterStart(started(args, own.env));
  },
  'while it reads a huge input': async () => {
    const child = started(['apply', '-f', '-', '--yes'], (await home()).env);
    const block = Buffer.alloc(65_536, 'a');
    let written = 0;
    const write = () => {
      // Input of more than 32 MB is an error.
      while (written < 500) {
        written += 1;
        if (!child.stdin.write(block)) break;
      }
    };
    child.stdin.on('drain', write);
    write();
    return afterStart(child);
  },
  'for a pipe': async () => {
    const own = await home();
    const pipe = join(own.configDir, 'pipe');
    spawnSync('mkfifo', [pipe]);
    return afterStart(started(['apply', '-f', pipe, '--yes'], own.env));
  },
  'for the derivation of a key': async () => {
    const own = await home({ PASSWORD: 'a-password-of-a-mailbox' });
    const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
    const create = ['accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config];
    await run(create, own.env, '', { cost: { N: 2 ** 17, r: 8, p: 4 } });
    return afterStart(started(['accounts', 'get', 'a', '--reveal'], own.env));
  },
  'for the command of a reference': async () => {
    const own = await home();
    const ignoring = ['sh', '-c', 'trap "" INT TERM HUP; sleep 100'];
    return afterStart(started(await documentWith(own, { command: ignoring }), own.env));
  },
  'for a sign-in with the browser': async () => {
    const own = await homeWithApp('messenger');
    const server = createServer();
    const redirectUri = `${await listening(server)}/callback`;
    server.close();
    const args = ['messenger', 'connect', '--no-browser', '--page', '81'];
    const child = started([...args, '--redirect-uri', redirectUri], own.env);
    await once(child.stderr, 'data');
    return child;
  },
  'for a pasted URL': async () => {
    const own = await homeWithApp('messenger');
    const args = ['messenger', 'connect', '--manual', '--page', '81'];
    const child = started(args, own.env);
    await once(child.stderr, 'data');
    return child;
  },
  'for a sign-up page': async () => {
    const own = await homeWithApp('whatsapp', 'config_id=55');
    const args = ['whatsapp', 'signup', '--no-browser'];
    const child = started(args, own.env);
    await once(child.stderr, 'data');
    return child;
  },
  'for a stalled reader of its output': async () => {
    const own = await home();
    const accounts = Array.from({ length: 500 }, (_, index) => ({
      channel: 'email',
      account_key: `m${index}`,
      config: { address: `m${index}@example.com`, note: 'n'.repeat(500) },
    }));
    const path = join(own.configDir, 'document.json');
    await writeFile(path, JSON.stringify({ version: 1, accounts }));
    await own.json('apply', '-f', path, '--yes', '--fields', 'success');
    return afterStart(started(['accounts', 'list', '--json'], own.env));
  },
};

/** Waits until the command has certainly begun to wait, which nothing shows. */
async function afterStart(child: ChildProcess): Promise<ChildProcess> {
  await sleep(1_000);
  expect(child.exitCode).toBeNull();
  return child;
}

describe('Ctrl-C ends a command that waits', { retry: 2 }, () => {
  test.each(Object.entries(WAITING))('%s, within half a second', async (_, waiting) => {
    const { code, milliseconds, stderr } = await interrupt(await waiting());
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('Cancelled.') });
    expect(milliseconds).toBeLessThan(MAX_END_MS);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('and so does %s', async (signal) => {
    const child = await WAITING['for a slow response']?.();
    if (child === undefined) throw new TypeError('no command');
    const { code, milliseconds } = await interrupt(child, signal);
    expect(code).toBe(130);
    expect(milliseconds).toBeLessThan(MAX_END_MS);
  });

  test.each([
    ['webhooks listen', ['webhooks', 'listen', '--port', '0']],
    ['sandbox start', ['sandbox', 'start', '--port', '0']],
  ])('%s succeeds', async (_, args) => {
    const own = await homeWithApp('messenger');
    const child = started(args, own.env);
    await Promise.race([once(child.stderr, 'data'), once(child.stdout, 'data')]);
    const { code, milliseconds } = await interrupt(child);
    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(MAX_END_MS);
  });
});

const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.skipIf(!canMount)('a stalled DNS server (skipped unless root can mount)', () => {
  test.each([
    ['one lookup', ['menu', 'get', 'fb']],
    ['concurrent lookups', ['accounts', 'check', '--all']],
  ])('does not delay the end: %s', { retry: 2 }, async (_, args) => {
    const own = await homeWithAccount({ CHANNELCTL_GRAPH_URL: 'https://graph.example.com' });
    for (const id of ['1', '2', '3', '4', '5']) {
      const config = ['--config', `page_id=${id}`, '--config', 'page_access_token=env:TOKEN'];
      const key = ['--account-key', `fb-${id}`];
      await own.json('accounts', 'create', '--channel', 'messenger', ...key, ...config);
    }
    const server = createSocket('udp4');
    server.bind(53, '127.0.0.77');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.0.0.77\n');
    const script = `mount --bind ${join(folder, 'resolv.conf')} /etc/resolv.conf
      "$@" & child=$!
      read line
      kill -INT $child
      before=$(date +%s%N)
      wait $child
      echo $? $((($(date +%s%N) - before) / 1000000))`;
    const argv = ['--mount', 'bash', '-c', script, 'sh', process.execPath, PROGRAM, ...args];
    const child = spawn('unshare', argv, { env: own.env });
    await once(server, 'message');
    child.stdin.end('now\n');
    const [output] = await once(child.stdout.setEncoding('utf8'), 'data');
    const [code, milliseconds] = output.split(' ').map(Number);
    expect(code).toBe(130);
    expect(milliseconds).toBeLessThan(MAX_END_MS);
  });
});

test('a second Ctrl-C ends a command that commits a change', async () => {
  const own = await home();
  const profiles = join(own.configDir, 'profiles');
  await mkdir(join(profiles, 'default'), { recursive: true });
  // The change waits for this pipe, which it opens as the journal of an interrupted change.
  spawnSync('mkfifo', [join(profiles, 'default', 'journal.json')]);
  const child = started(['config', 'set', 'division_id', 'north'], own.env);
  await afterStart(child);
  child.kill('SIGINT');
  await afterStart(child);
  const { code, milliseconds } = await interrupt(child);
  expect(code).toBe(130);
  expect(milliseconds).toBeLessThan(MAX_END_MS);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

export const PROGRAM = 'C:\\app\\node_modules\\channelctl\\bin\\channelctl.js';
const FOLDER = 'C:\\homes';
const LIMIT_MS = 60_000;
const OWN = /^(?:CHANNELCTL_|SANDBOX_|CI$|HTTPS?_PROXY$|NO_PROXY$|NODE_)/i;
const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !OWN.test(name)),
);

/** Returns a configuration folder of its own, whose name is not ASCII and has a space. */
export function home(store, variables = {}) {
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(FOLDER, 'Jörg Müller '));
  const env = {
    CHANNELCTL_CONFIG_DIR: folder,
    CHANNELCTL_SECRETS: store,
    CHANNELCTL_PASSPHRASE: 'correct horse battery staple',
    // Nothing listens on this port, so that doctor does not wait for Meta.
    CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:9',
    ...variables,
  };
  const profile = join(folder, 'profiles', 'default');
  const cli = (args, options = {}) =>
    channelctl(args, { ...options, env: { ...env, ...options.env } });
  return {
    folder,
    env,
    profile,
    state: join(profile, 'state.json'),
    lock: `${profile}.lock`,
    cli,
    async json(args, options) {
      const result = await cli([...args, '--json'], options);
      if (result.code !== 0) throw new Error(`exit code ${result.code}: ${result.stderr}`);
      return JSON.parse(result.stdout);
    },
    /** Creates a mailbox whose password is in the variable PASSWORD. */
    createMailbox(key, options = {}) {
      const config = ['--config', 'address=desk@example.com', '--config', 'password=env:PASSWORD'];
      return cli(['accounts', 'create', '--channel', 'email', '--account-key', key, ...config], {
        ...options,
        env: { PASSWORD: 'a-password', ...options.env },
      });
    },
    async password(key) {
      const result = await cli(['accounts', 'get', key, '--reveal', '--json']);
      return JSON.parse(result.stdout).config.password;
    },
  };
}

/** @param options `input` is what stdin contains; `preload` is a script in this folder */
export async function channelctl(args, { input = '', ...options } = {}) {
  const child = startChannelctl(args, options);
  const timer = setTimeout(() => child.kill(), LIMIT_MS);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  child.stdin.on('error', () => {}); // The command may end before it has read its input.
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, ...output };
}

export function startChannelctl(args, { env = {}, preload, cwd } = {}) {
  const node = preload === undefined ? [] : ['--require', join(import.meta.dirname, preload)];
  const given = Object.entries({ ...INHERITED, ...env }).filter(([, value]) => value !== undefined);
  return spawn(process.execPath, [...node, PROGRAM, ...args], {
    env: Object.fromEntries(given),
    cwd,
  });
}

/** Opens a file without sharing it, as some virus scanners do, in another process. */
export async function holdOpen(file) {
  const script = `
    const UV_FS_O_EXLOCK = 0x10000000;
    require('node:fs').openSync(process.argv[1], UV_FS_O_EXLOCK);
    console.log('open');
    setTimeout(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['-e', script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error(`${file} could not be opened`);
    }),
  ]);
  return async () => {
    child.kill();
    await ended;
  };
}

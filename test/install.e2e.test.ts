import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

let folder: string;
let elsewhere: string;
let env: Record<string, string>;

function npm(args: string[]) {
  const quiet = ['--offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  return run('npm', [...args, ...quiet, '--cache', join(folder, 'cache')], {
    cwd: folder,
    env,
  });
}

async function runtimePackages(): Promise<string[]> {
  const scope = join(ROOT, 'node_modules', '@napi-rs');
  return (await readdir(scope)).map((name) => join(scope, name));
}

const tarball = () => join(folder, `channelctl-${manifest.version}.tgz`);

function channelctl(...args: string[]) {
  const program = join(folder, 'prefix', 'bin', 'channelctl');
  return run(program, args, { cwd: elsewhere, env: { ...env, SECRET: 'x' } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'channelctl-test-install-'));
  elsewhere = join(folder, 'elsewhere');
  env = { PATH: process.env.PATH ?? '', HOME: elsewhere, CHANNELCTL_CONFIG_DIR: elsewhere };
  await mkdir(elsewhere);
  // Scripts are ignored, because the program is already built for these tests.
  await npm(['pack', '--ignore-scripts', ROOT, ...(await runtimePackages())]);
  const packages = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await npm(['install', '--global', '--prefix', 'prefix', ...packages.map((name) => `./${name}`)]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package contains the program, its licence and its documentation, but no paths of the build machine', async () => {
  const { stdout } = await run('tar', ['-tzf', tarball()]);
  const files = stdout.trim().split('\n');
  expect(files).toEqual(
    expect.arrayContaining(['package/bin/channelctl.js', 'package/dist/main.js']),
  );
  const allowed =
    /^package\/(bin\/channelctl\.js|dist\/(?:[\w-]+\.js(?:\.map)?|commands\.json|sbom\.cdx\.json|THIRD-PARTY-LICENSES\.txt)|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
  expect(files.filter((file) => !allowed.test(file))).toEqual([]);

  await run('tar', ['-xzf', tarball(), '-C', elsewhere]);
  for (const file of files) {
    const text = await readFile(join(elsewhere, file), 'utf8');
    const places = [ROOT, homedir(), tmpdir()].filter((place) => place.length > 5);
    expect(
      places.filter((place) => text.includes(place)),
      file,
    ).toEqual([]);
    expect(text).not.toMatch(/sourceMappingURL=/);
  }
});

test('an installed package runs from any folder without other packages', async () => {
  expect((await channelctl('--version')).stdout).toBe(`${manifest.version}\n`);
  expect((await channelctl('accounts', 'list', '--json')).stdout).toBe('[]\n');
});

test.skipIf(process.platform !== 'linux')(
  'an installed package loads its native module (only on Linux: elsewhere, it would use your keychain)',
  async () => {
    const set = channelctl('integrations', 'set', 'instagram', '--config', 'app_secret=env:SECRET');
    await expect(set).rejects.toThrow('requires a D-Bus session bus');
  },
);

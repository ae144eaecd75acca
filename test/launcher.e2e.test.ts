import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { bareEnvironment, PROGRAM, temporaryFolder } from './support/cli.ts';

async function startOn(version: string, ...args: string[]) {
  const folder = await temporaryFolder();
  const preload = join(folder, 'version.cjs');
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  await writeFile(preload, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
  return promisify(execFile)(process.execPath, ['--require', preload, PROGRAM, ...args], {
    env: bareEnvironment(folder),
  });
}

test('package.json requires the Node.js versions that the launcher accepts', () => {
  expect(manifest.engines.node).toBe('^20.19 || >=22.12');
});

test.each(['12.22.12', '18.20.8', '20.18.3', '21.7.3', '22.11.0'])(
  'on Node.js %s, prints one line with the supported versions',
  async (version) => {
    const failed = startOn(version, 'accounts', 'list');
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `channelctl requires Node.js 20 (20.19 or later), or Node.js 22.12 or later. This is Node.js ${version}.\n`,
    });
  },
);

test.each(['20.19.0', '22.12.0', '23.0.0', '26.1.0'])('accepts Node.js %s', async (version) => {
  expect((await startOn(version, '--version')).stdout).toBe(`${manifest.version}\n`);
});

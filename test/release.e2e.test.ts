import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './support/cli.ts';

const SCRIPT = fileURLToPath(new URL('../scripts/release.js', import.meta.url));
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n### Fixed\n\n- A thing.\n\n## 0.1.0\n\nFirst.\n';

async function repository({ check = 'node --version' } = {}) {
  const [folder, home] = [await temporaryFolder(), await temporaryFolder()];
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  const manifest = { name: 'small', version: '0.1.0', scripts: { check, test: 'node --version' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await writeFile(
    join(folder, 'package-lock.json'),
    JSON.stringify({ name: 'small', version: '0.1.0', lockfileVersion: 3, packages: {} }),
  );
  await writeFile(join(folder, 'CHANGELOG.md'), CHANGELOG);
  await writeFile(join(folder, '.gitignore'), '*.tgz\n');
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'start');
  const release = (...args: string[]) => {
    const identity = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, 'T'],
      [`GIT_${role}_EMAIL`, 't@example.com'],
    ]);
    const env = { PATH: process.env.PATH ?? '', HOME: home, ...Object.fromEntries(identity) };
    const options = { cwd: folder, env, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], options);
    return { status, stdout, stderr };
  };
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  return { git, release, read };
}

describe('the release script', () => {
  test('prints its steps and changes nothing without --execute', async () => {
    const { git, release, read } = await repository();
    const { status, stdout } = release('minor');
    expect(status).toBe(0);
    expect(stdout).toContain('Dry run');
    expect(stdout).toContain('0.2.0');
    expect(await read('CHANGELOG.md')).toBe(CHANGELOG);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('tag')).toBe('');
  });

  test('sets the version, dates the changelog, packs, commits and tags', async () => {
    const { git, release, read } = await repository();
    const { status, stdout } = release('minor', '--execute');
    expect(status).toBe(0);
    expect(stdout).toContain('small-0.2.0.tgz');
    expect(JSON.parse(await read('package.json')).version).toBe('0.2.0');
    expect(JSON.parse(await read('package-lock.json')).version).toBe('0.2.0');
    expect(await read('CHANGELOG.md')).toMatch(
      /^# Changelog\n\n## Unreleased\n\n## 0\.2\.0 \(\d{4}-\d\d-\d\d\)\n\n### Fixed/,
    );
    expect(git('log', '-1', '--format=%s')).toBe('release: 0.2.0\n');
    expect(git('status', '--porcelain')).toBe('');
    expect(git('tag', '--list', '--format=%(contents)', 'v0.2.0')).toContain('### Fixed');
  });

  test('restores all files if a check fails', async () => {
    const { git, release } = await repository({ check: 'exit 3' });
    expect(release('patch', '--execute').status).toBe(1);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('tag')).toBe('');
  });

  test.each([
    [['0.1.0'], 'not higher'],
    [['0.0.9'], 'not higher'],
    [['soon'], 'is not a valid version'],
    [[], 'Usage'],
  ])('rejects %j', async (args, reason) => {
    const { release } = await repository();
    const { status, stderr } = release(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
  });

  test('rejects uncommitted changes, another branch, and a changelog without entries', async () => {
    const { git, release } = await repository();
    git('checkout', '--quiet', '-b', 'other');
    expect(release('minor').stderr).toContain('main');
    git('checkout', '--quiet', 'main');
    git('rm', '--quiet', '.gitignore');
    expect(release('minor').stderr).toContain('working tree');
    git('reset', '--quiet', '--hard');
    expect(release('minor', '--execute').status).toBe(0);
    expect(release('minor').stderr).toContain('no entries');
  });
});

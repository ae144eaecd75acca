import { lstat, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DoctorResult } from '../../src/doctor/result.ts';
import type { Home } from '../support/cli.ts';
import {
  completeProfile,
  DAMAGES,
  type Damage,
  type DamagedFile,
  damageFile,
  replaceFolder,
} from '../support/damaged-files.ts';

const CHECKS = [
  'node',
  'folder',
  'permissions',
  'state',
  'settings',
  'lock',
  'leftovers',
  'audit_log',
  'secret_store',
  'secrets',
  'graph_version',
  'redirect_uri',
  'webhook_base_url',
  'proxy',
  'meta_urls',
  'network',
];

/** Checks of the content of the state file. */
const CHECKS_OF_STATE = ['settings', 'secrets'];

const DAMAGE_NAMES = Object.keys(DAMAGES) as Damage[];

type Expected = Record<string, 'warning' | 'error'>;

/** The checks that report a damaged file; the others succeed. */
const REPORTS: Record<DamagedFile, Partial<Record<Damage, Expected>> & { default: Expected }> = {
  state: { default: { state: 'error' } },
  secrets: { default: { secret_store: 'error', secrets: 'error' } },
  journal: { default: { leftovers: 'error' } },
  // A lock without an owner is removed after some seconds.
  lock: {
    default: { lock: 'warning' },
    folder: { lock: 'error' },
    unreadable: { lock: 'error' },
  },
  audit: {
    default: { audit_log: 'warning' },
    empty: {},
    folder: { audit_log: 'error' },
    unreadable: { audit_log: 'error' },
  },
  archive: {
    default: { audit_log: 'warning' },
    empty: {},
    folder: { audit_log: 'error' },
    unreadable: { audit_log: 'error' },
  },
  // An incomplete file was left by a process that was killed before it changed anything.
  pending: {
    default: { leftovers: 'warning' },
    folder: { leftovers: 'error', audit_log: 'error' },
    unreadable: { leftovers: 'error', audit_log: 'error' },
  },
  // The next sign-in creates a new certificate.
  certificate: { default: {} },
};

async function examined(own: Home, ...args: string[]) {
  const { code, stdout, stderr } = await own.cli('doctor', ...args, '--json');
  if (!args.includes('--fix')) expect(stderr).toBe('');
  const results: DoctorResult[] = JSON.parse(stdout);
  const problems = results.filter((one) => one.status !== 'ok' && one.check !== 'network');
  return { code, results, problems };
}

function checksOf(results: readonly DoctorResult[]): string[] {
  return [...new Set(results.map(({ check }) => check))];
}

function statuses(problems: readonly DoctorResult[]): Record<string, string> {
  return Object.fromEntries(problems.map(({ check, status }) => [check, status]));
}

function contentOf(path: string): Promise<string | null> {
  return readFile(path, 'latin1').catch(() => null);
}

test('every file of a healthy profile passes', async () => {
  const { code, results, problems } = await examined(await completeProfile());
  expect({ code, problems }).toEqual({ code: 0, problems: [] });
  expect(checksOf(results)).toEqual(CHECKS);
});

describe.each(Object.keys(REPORTS) as DamagedFile[])('a damaged file of the %s', (file) => {
  test.each(DAMAGE_NAMES)('that is %s is named, and all else is checked', async (damage) => {
    const own = await completeProfile();
    const path = await damageFile(own, file, damage);
    const expected = REPORTS[file][damage] ?? REPORTS[file].default;
    const { code, results, problems } = await examined(own);
    expect(statuses(problems)).toEqual(expected);
    expect(code).toBe(Object.values(expected).includes('error') ? 6 : 0);
    // A lock that was left behind is named by its process.
    const named = problems.filter(({ check, status }) => check !== 'lock' || status === 'error');
    for (const { message } of named) expect(message).toContain(path);
    const skipped = file === 'state' ? CHECKS_OF_STATE : [];
    expect(checksOf(results)).toEqual(CHECKS.filter((check) => !skipped.includes(check)));
  });

  test.each(DAMAGE_NAMES)(
    'that is %s is not changed by --fix if it is an error',
    async (damage) => {
      const own = await completeProfile();
      const path = await damageFile(own, file, damage);
      const before = await contentOf(path);
      const expected = REPORTS[file][damage] ?? REPORTS[file].default;
      const isError = Object.values(expected).includes('error');
      const { code, problems } = await examined(own, '--fix');
      expect(code).toBe(isError ? 6 : 0);
      if (!isError) return;
      expect(statuses(problems)).toMatchObject(expected);
      await lstat(path);
      expect(await contentOf(path)).toBe(before);
    },
  );
});

test.each<[string, (own: Home) => string]>([
  ['of the profile', ({ stateFile }) => dirname(stateFile())],
  ['of all profiles', ({ stateFile }) => dirname(dirname(stateFile()))],
  ['of the audit log', ({ configDir }) => join(configDir, 'audit', 'default')],
  ['of all audit logs', ({ configDir }) => join(configDir, 'audit')],
])('a file instead of the folder %s is an error, and all else is checked', async (_, pathOf) => {
  const own = await completeProfile();
  const path = pathOf(own);
  await replaceFolder(path);
  const { code, results, problems } = await examined(own);
  expect(code).toBe(6);
  expect(problems.map(({ message }) => message).join('\n')).toContain(path);
  const ofState = results.some(({ check, status }) => check === 'state' && status === 'error');
  const skipped = ofState ? CHECKS_OF_STATE : [];
  expect(checksOf(results)).toEqual(
    expect.arrayContaining(CHECKS.filter((check) => !skipped.includes(check))),
  );
});

test('several damaged files are all reported, also in a profile that is chosen by name', async () => {
  const own = await completeProfile();
  for (const file of ['state', 'secrets', 'journal', 'lock', 'audit'] as const) {
    await damageFile(own, file, 'unreadable');
  }
  for (const args of [[], ['--profile', 'default']]) {
    const { code, problems } = await examined(own, ...args);
    expect(code).toBe(6);
    expect(statuses(problems)).toEqual({
      state: 'error',
      lock: 'error',
      leftovers: 'error',
      audit_log: 'error',
      secret_store: 'error',
    });
  }
});

test('a profile chosen by name whose state file is a link to itself is checked', async () => {
  const own = await completeProfile();
  await own.json('config', 'set', 'output', 'yaml', '--profile', 'second');
  const path = own.stateFile('second');
  await DAMAGES.unreadable(path);
  const { code, problems } = await examined(own, '--profile', 'second');
  expect(code).toBe(6);
  expect(problems).toMatchObject([{ check: 'state', message: expect.stringContaining(path) }]);
  // Another profile is not affected.
  expect((await examined(own)).code).toBe(0);
});

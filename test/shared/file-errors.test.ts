import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fileError } from '../../src/shared/file-errors.ts';
import { temporaryFolder } from '../support/cli.ts';

const OTHER_USER = 54_321;

beforeEach(() => void vi.spyOn(process, 'geteuid').mockReturnValue(OTHER_USER));
afterEach(() => void vi.restoreAllMocks());

const denied = Object.assign(new Error('denied'), { code: 'EACCES' });

test('a file of another user is named with the command that takes ownership', async () => {
  const path = join(await temporaryFolder(), 'state.json');
  await writeFile(path, '');
  expect(fileError('read', path, denied)).toMatchObject({
    message: `${path} cannot be read.`,
    reason: 'Permission denied.',
    hint: expect.stringMatching(/^It belongs to .*: sudo chown -R 54321 ".*state\.json"$/),
  });
});

test('a folder of another user is named without a command, because it could be /opt', async () => {
  const folder = await temporaryFolder();
  const { hint } = fileError('written', join(folder, 'state.json'), denied);
  expect(hint).toContain(`The folder ${folder} belongs to `);
  expect(hint).not.toContain('chown');
});

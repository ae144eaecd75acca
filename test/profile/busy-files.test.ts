import { expect, test } from 'vitest';
import { isBusy, whileBusy } from '../../src/shared/busy-files.ts';

function failing(code: string, times: number) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error(code), { code });
    return calls;
  };
}

test.each(['EPERM', 'EACCES', 'EBUSY'])(
  'a file that is open in another program (%s) is tried again on Windows',
  async (code) => {
    expect(await whileBusy(failing(code, 3), 'win32')).toBe(4);
  },
);

test.each([
  ['ENOENT', 'win32'],
  ['ENOSPC', 'win32'],
  ['EACCES', 'linux'],
  ['EACCES', 'darwin'],
])('%s on %s is not tried again', async (code, system) => {
  await expect(whileBusy(failing(code, 1), system)).rejects.toMatchObject({ code });
});

test('a file that stays open is reported after a few seconds', async () => {
  const start = performance.now();
  const refused = whileBusy(failing('EBUSY', Number.POSITIVE_INFINITY), 'win32');
  const error = await refused.catch((thrown: unknown) => thrown);
  expect(isBusy(error, 'win32')).toBe(true);
  expect(performance.now() - start).toBeLessThan(10_000);
});

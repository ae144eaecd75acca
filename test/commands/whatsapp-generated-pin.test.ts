import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { connect, WABA, type WhatsAppDesk, whatsappDesk } from '../support/whatsapp.ts';

const desk = (extra: Record<string, string> = { CI: 'true' }) =>
  whatsappDesk({ wabas: [{ ...WABA, subscribed_apps: [] }], extra });

async function warnings({ cli }: WhatsAppDesk, args: string[]) {
  const { code, stderr } = await cli(...args, '--json');
  expect(code).toBe(0);
  const lines = stderr.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => JSON.parse(line).warning ?? []);
}

describe('in CI, a PIN that the command generates', () => {
  const expected = (configDir: string) => [
    {
      message: expect.stringMatching(
        new RegExp(`PIN of whatsapp/wa-1003 .*${join(configDir, 'profiles', 'default')}.*cache`),
      ),
      hint: expect.stringMatching(/accounts get whatsapp\/wa-1003 --reveal.*--config pin=env:NAME/),
    },
  ];

  test('is reported by accounts create, with its place and how to pass one', async () => {
    const place = await desk();
    expect(await warnings(place, connect('1003'))).toEqual(expected(place.configDir));
  });

  test('is reported by apply', async () => {
    const place = await desk();
    const config = { phone_number_id: '1003', waba_id: '5000', access_token: { env: 'TOKEN' } };
    const account = { channel: 'whatsapp', account_key: 'wa-1003', config };
    const path = join(place.configDir, 'channels.yaml');
    await writeFile(path, stringify({ version: 1, accounts: [account] }));
    const found = await warnings(place, ['apply', '-f', path, '--yes']);
    expect(found).toEqual(expected(place.configDir));
  });

  test('is reported by register', async () => {
    const place = await desk();
    await place.json(...connect('1003', '--no-register'));
    const found = await warnings(place, ['whatsapp', 'register', 'wa-1003']);
    expect(found).toEqual(expected(place.configDir));
    expect(await warnings(place, ['whatsapp', 'register', 'wa-1003'])).toEqual([]);
  });
});

test.each([
  ['the PIN is passed', { CI: 'true' }, ['--config', 'pin=env:PIN']],
  ['no number is registered', { CI: 'true' }, ['--no-register']],
  ['CI is not set', {}, []],
])('there is no warning if %s', async (_what, extra, args) => {
  const place = await desk({ ...extra, PIN: '204816' });
  expect(await warnings(place, connect('1003', ...args))).toEqual([]);
});

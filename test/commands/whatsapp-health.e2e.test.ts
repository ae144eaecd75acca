import { expect, onTestFinished, test } from 'vitest';
import { start } from '../support/cli.ts';
import { APP_ID, APP_SECRET, oneNumber, TOKEN } from '../support/whatsapp.ts';

test('makes the six calls for a number at the same time', async () => {
  const { env, meta } = await oneNumber();
  meta.inject({ times: 6, delay_ms: 5_000 });
  const child = start(['whatsapp', 'health', 'wa-1001'], env);
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect
    .poll(() => meta.requests.length, { timeout: 10_000, interval: 5 })
    .toBeGreaterThan(0);
  await expect.poll(() => meta.requests.length, { timeout: 4_000, interval: 5 }).toBe(6);
});

test('--watch in a pipe writes one line per number and check, and ends quietly with 0 if interrupted', async () => {
  const { env, meta } = await oneNumber();
  const child = start(['whatsapp', 'health', '--all', '--watch', '1'], env);
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await expect.poll(() => text.split('\n').length - 1, { timeout: 15_000 }).toBe(2);
  child.kill('SIGINT');
  expect({ code: await ended, errors }).toEqual({ code: 0, errors: '' });
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ healthy }: { healthy: boolean }) => healthy)).toEqual([true, true]);
  const tokens = meta.requests.map(({ headers }) => headers.authorization);
  const ofApp = `Bearer ${APP_ID}|${APP_SECRET}`;
  expect(tokens.filter((token) => token === `Bearer ${TOKEN}`)).toHaveLength(8);
  expect(tokens.filter((token) => token === ofApp)).toHaveLength(4);
  expect(tokens).toHaveLength(12);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '--watch also ends quietly with 0 if %s arrives during its first check',
  async (signal) => {
    const { env, meta } = await oneNumber();
    meta.inject({ times: 100, delay_ms: 20_000 });
    const child = start(['whatsapp', 'health', 'wa-1001', '--watch', '1'], env);
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    const ended = new Promise((resolve) => child.on('close', resolve));
    await expect
      .poll(() => meta.requests.length, { timeout: 10_000, interval: 5 })
      .toBeGreaterThan(0);
    child.kill(signal);
    expect({ code: await ended, output }).toEqual({ code: 0, output: '' });
  },
);

import { expect, onTestFinished, test } from 'vitest';
import { start } from '../support/cli.ts';
import { connect, revealedPin, sentPins, WABA, whatsappDesk } from '../support/whatsapp.ts';

test('loses no PIN if the program is killed half-way', async () => {
  const desk = await whatsappDesk();
  desk.meta.inject({ operation: 'registerPhoneNumber', delay_ms: 10_000 });
  const child = start(connect('1003'), desk.env);
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect.poll(() => desk.calls('registerPhoneNumber').length, { timeout: 10_000 }).toBe(1);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  await desk.json(...connect('1003'));
  const pins = desk.calls('registerPhoneNumber').map((request) => desk.bodyOf(request).pin);
  expect(new Set(pins)).toEqual(new Set([await revealedPin(desk, '1003')]));
});

test.each(['SIGINT', 'SIGTERM'] as const)('reports the completed steps on %s', async (signal) => {
  const desk = await whatsappDesk({ wabas: [{ ...WABA, subscribed_apps: [] }] });
  desk.meta.inject({ operation: 'subscribeWaba', delay_ms: 10_000 });
  const child = start([...connect('1003'), '--json'], desk.env);
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  await expect.poll(() => desk.calls('subscribeWaba').length, { timeout: 10_000 }).toBe(1);
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill(signal);
  expect(await ended).toBe(130);
  const { kind, message, hint } = JSON.parse(stderr).error;
  expect(kind).toBe('cancelled');
  expect(message).toContain('Meta has already registered the number');
  expect(hint).toContain('To continue, run the same command again.');
  await desk.json(...connect('1003'));
  expect([await revealedPin(desk, '1003')]).toEqual(sentPins(desk));
});

test('sends one PIN from two processes, and stores it', async () => {
  const desk = await whatsappDesk();
  desk.meta.inject({ operation: 'registerPhoneNumber', delay_ms: 1000, times: 2 });
  desk.meta.inject({ operation: 'getWaba', delay_ms: 500, times: 2 });
  const both = await Promise.all([
    desk.built.cli(...connect('1003')),
    desk.built.cli(...connect('1003')),
  ]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, 7]);
  expect(new Set(sentPins(desk))).toEqual(new Set([await revealedPin(desk, '1003')]));
});

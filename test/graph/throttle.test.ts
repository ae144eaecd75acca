import { expect, test } from 'vitest';
import { createThrottle } from '../../src/graph/http/rate-limit.ts';

function throttle() {
  const slept: number[] = [];
  const told: number[] = [];
  let time = 0;
  const pace = {
    async sleep(milliseconds: number) {
      slept.push(milliseconds);
      const end = time + milliseconds;
      await Promise.resolve();
      time = Math.max(time, end);
    },
    random: () => 0,
    now: () => time,
    signal: new AbortController().signal,
  };
  return { ...createThrottle(pace, (percent) => told.push(percent)), slept, told };
}

test('does not delay calls until a response reports that a limit is near', async () => {
  const { turn, used, slept, told } = throttle();
  await turn();
  used(null);
  used(80);
  await turn();
  await turn();
  expect([slept, told]).toEqual([[], []]);
});

test('spaces calls further apart the nearer the limit is, and warns once', async () => {
  const { turn, used, slept, told } = throttle();
  used(85);
  await turn();
  await turn();
  used(100);
  await turn();
  await turn();
  expect(slept).toEqual([500, 500, 2_000]);
  expect(told).toEqual([85]);
});

test('spaces concurrent calls too', async () => {
  const { turn, used, slept } = throttle();
  used(90);
  const turns = [turn(), turn(), turn()];
  await Promise.all(turns);
  expect(slept).toEqual([1_000, 2_000]);
});

test('stops delaying calls when usage has dropped', async () => {
  const { turn, used, slept } = throttle();
  used(95);
  await turn();
  used(20);
  await turn();
  expect(slept).toEqual([]);
});

import { expect, test } from 'vitest';
import { home } from '../support/cli.ts';
import { terminal } from '../support/terminal.ts';

test('status without accounts returns an empty list and a hint', async () => {
  const own = await home();
  expect(await own.json('status')).toEqual([]);
  const session = terminal(['status'], { env: own.env });
  await session.shows('channelctl init');
  expect((await session.end()).code).toBe(0);
});

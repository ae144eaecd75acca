import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { signInCode } from '../sandbox/support.ts';
import { home, runBuilt } from '../support/cli.ts';
import { terminal } from '../support/terminal.ts';

const LONG = 'The Incorporated Society of Amateur Telescope Makers and Night-Sky Photographers';
const NAMES = ['Alder Books', LONG, 'さくら坂文具店'];
const seed = {
  pages: NAMES.map((name, index) => ({
    id: `10223456789012${index}`,
    name,
    category: 'Computers/Internet Website',
  })),
};

let on: Sandbox;
beforeAll(async () => {
  on = await startSandbox({ port: 0, seed });
});
afterAll(() => on.close());

async function listing() {
  const place = await home({
    CHANNELCTL_GRAPH_URL: on.urls.graph_url,
    APP_SECRET: on.description.app_secret,
  });
  const settings = ['--config', `app_id=${on.description.app_id}`];
  const secret = ['--config', 'app_secret=env:APP_SECRET'];
  await place.json('integrations', 'set', 'messenger', ...settings, ...secret);
  const code = await signInCode(on);
  return { ...place, args: ['messenger', 'connect', '--list-only', '--code', code] };
}

test.each([80, 100])(
  'on a terminal of %i columns a Page takes one line and its ID is not truncated',
  async (columns) => {
    const { env, args } = await listing();
    const session = terminal(args, { env, columns, rows: 50 });
    expect((await session.end()).code).toBe(0);
    for (const { id } of seed.pages) {
      const line = session.screen.lines.find((one) => one.startsWith(`${id}  `));
      expect(line, session.screen.text).toMatch(/… .*… +no$/);
    }
  },
);

test('truncates nothing in a pipe', async () => {
  const { env, args } = await listing();
  const { stdout } = await runBuilt(args, env);
  expect(stdout).toContain(LONG);
  expect(stdout).not.toContain('…');
});

test.each([
  [60, 'CHANNEL  ACCOUNT KEY  DISPLAY NAME  IS ACTIVE  IS DEFAULT'],
  [120, 'CHANNEL  ACCOUNT KEY  DISPLAY NAME   IS ACTIVE  IS DEFAULT  ID'],
])('on a terminal of %i columns an account takes one line', async (columns, heading) => {
  const { env, json } = await home();
  const config = ['--config', 'address=a@example.com'];
  const account = ['--account-key', 'support', '--display-name', 'The Front Desk', ...config];
  const { id } = await json('accounts', 'create', '--channel', 'email', ...account);
  const wide = terminal(['accounts', 'list'], { env, columns, rows: 20 });
  expect((await wide.end()).code).toBe(0);
  const [first, second, third] = wide.screen.lines.map((line) => line.trim());
  expect(first?.split(/ {2,}/)).toEqual(heading.split(/ {2,}/));
  expect(second).toMatch(/^email +support +The Front/);
  expect(second?.endsWith(id)).toBe(columns === 120);
  const hidden = 'Not shown, because the terminal is narrow: id.';
  expect(third).toBe(columns === 120 ? '[ended 0]' : hidden);

  const named = terminal(['accounts', 'list', '--fields', 'id,account_key'], { env, columns: 40 });
  expect((await named.end()).code).toBe(0);
  expect(named.screen.text.replaceAll(/\s/g, '')).toContain(`${id}support`);
});

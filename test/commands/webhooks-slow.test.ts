import type { ServerResponse } from 'node:http';
import { test } from 'vitest';
import { receiver, rightAnswer, WEBHOOK_APP, webhookDesks } from '../support/webhook-desk.ts';

const desk = webhookDesks();

type Desk = Awaited<ReturnType<typeof desk>>;

async function testing(own: Desk, url: string) {
  const { code, stdout } = await own.cli('webhooks', 'test', 'wa-61', '--url', url, '--json');
  return { code, result: JSON.parse(stdout) };
}

test.concurrent('webhooks test warns of an answer that takes over 5 seconds', async ({
  expect,
}) => {
  const own = await desk();
  const right = rightAnswer(own.verifyTokens['wa-61'] ?? '', WEBHOOK_APP.secret);
  const hook = await receiver((asked, response) => {
    const wait = response.req.url?.includes(own.verifyTokens['wa-61'] ?? '');
    setTimeout(() => right(asked, response), wait ? 5_200 : 0);
  });
  const { code, result } = await testing(own, hook.url);
  expect(code).toBe(0);
  expect(result.problems).toMatchObject([{ part: 'handshake', kind: 'slow', severity: 'warning' }]);
});

test.concurrent.for([
  ['that never comes', () => {}],
  [
    'whose end never comes',
    (response: ServerResponse) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('1'), 500);
      response.on('close', () => clearInterval(drip));
    },
  ],
] as const)(
  'webhooks test gives up on an answer %s, after 20 seconds',
  async ([, answer], { expect }) => {
    const own = await desk();
    const hook = await receiver((_asked, response) => answer(response));
    const { code, result } = await testing(own, hook.url);
    expect(code).toBe(6);
    expect(result.problems).toMatchObject([
      { part: 'handshake', kind: 'timeout', severity: 'error' },
    ]);
    expect(result.checks[0].milliseconds).toBeGreaterThanOrEqual(19_900);
  },
);

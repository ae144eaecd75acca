import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { receiver, rightAnswer, WEBHOOK_APP, webhookDesks } from '../support/webhook-desk.ts';

const desk = webhookDesks();

type Desk = Awaited<ReturnType<typeof desk>>;

async function testing(own: Desk, url: string) {
  const { code, stdout } = await own.built.cli('webhooks', 'test', 'wa-61', '--url', url, '--json');
  return { code, result: JSON.parse(stdout) };
}

test('webhooks test warns about a response that takes over 5 seconds', async () => {
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

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const drops = setInterval(() => response.write('1'), 500);
  response.on('close', () => clearInterval(drops));
}

test('webhooks test times out after 20 seconds without a complete response', async () => {
  const own = await desk();
  const answers = [() => {}, drip];
  await Promise.all(
    answers.map(async (answer) => {
      const hook = await receiver((_asked, response) => answer(response));
      const { code, result } = await testing(own, hook.url);
      expect(code).toBe(6);
      expect(result.problems).toMatchObject([
        { part: 'handshake', kind: 'timeout', severity: 'error' },
      ]);
      expect(result.checks[0].milliseconds).toBeGreaterThanOrEqual(19_900);
    }),
  );
});

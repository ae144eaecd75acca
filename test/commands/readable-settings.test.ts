import { expect, test } from 'vitest';
import { meta } from '../graph/support.ts';
import { home } from '../support/cli.ts';

const NUMBER = 'northfold1065';

test('a setting that shares a part with a secret stays readable in an error', async () => {
  const token = `EAAG${NUMBER}Zx8Tn3Vw`;
  const server = await meta(() => ({
    status: 400,
    body: { error: { code: 100, message: `Unknown user ${NUMBER} of ${token.slice(0, -1)}` } },
  }));
  const own = await home({ CHANNELCTL_GRAPH_URL: server.url, TOKEN: token });
  const { code, error } = await own.failure(
    ...['accounts', 'create', '--channel', 'whatsapp', '--config', 'phone_number_id=1065'],
    ...['--config', 'waba_id=1046', '--config', 'access_token=env:TOKEN'],
    ...['--config', `nickname=${NUMBER}`],
  );
  expect(code).toBe(5);
  expect(error.message).toContain(`Unknown user ${NUMBER} of`);
  expect(error.message).not.toContain('Zx8Tn3');
});

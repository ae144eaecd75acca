import { connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { accepts, isWaiting } from '../oauth/support.ts';
import { desk, errorOf, startSignup, WABA } from './support.ts';

describe('the sign-up', () => {
  test('ends when the timeout expires', async () => {
    const { ended, port } = await startSignup({ args: ['--timeout', '1'] });
    const run = await ended;
    expect(run.code).toBe(5);
    expect(errorOf(run)).toMatchObject({
      kind: 'graph',
      message: expect.stringContaining(
        'Timed out after 1 second waiting for the WhatsApp sign-up.',
      ),
      hint: expect.stringMatching(/--timeout.*--code/),
    });
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('ends when it is interrupted, even while a client stalls', async () => {
    const { child, ended, port } = await startSignup();
    const stalled = connect({ host: '127.0.0.1', port }).on('error', () => {});
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(await accepts('127.0.0.1', port)).toBe(false);
    stalled.destroy();
  });

  test('does not read pasted input', async () => {
    const { child, ended } = await startSignup();
    child.stdin.end('AQB-pasted-code\n');
    expect(await isWaiting(ended)).toBe(true);
  });
});

describe('before the page is served', () => {
  test('rejects invalid options as a usage error with a reason', async () => {
    const { failure } = await desk();
    const refused = async (words: RegExp, ...args: string[]) => {
      const { code, stdout, error } = await failure('whatsapp', 'signup', '--no-browser', ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(`${error.message} ${error.hint}`).toMatch(words);
    };
    await Promise.all([
      refused(
        /requires an HTTPS page.*https:\/\/localhost/,
        '--redirect-uri',
        'http://localhost:1/x',
      ),
      refused(/desk\.example.*--code/, '--redirect-uri', 'https://desk.example/callback'),
      refused(/does not support --manual.*--code/, '--manual'),
    ]);
    await Promise.all([
      refused(/--extras.*JSON object/, '--extras', '[1]'),
      refused(/--extras.*JSON object/, '--extras', '{'),
      refused(/--timeout/, '--timeout', '0'),
    ]);
    await Promise.all([
      refused(/--code/, '--waba-id', WABA),
      refused(/--phone-number-id/, '--phone-number-id', 'a/b'),
    ]);
  });

  test.each(['config_id', 'app_id'])(
    'rejects an integration without %s as a usage error',
    async (missing) => {
      const { failure, json } = await desk();
      await json('integrations', 'set', 'whatsapp', '--unset', missing);
      const { code, error } = await failure('whatsapp', 'signup');
      expect(code).toBe(2);
      expect(error.message).toContain(`Missing: ${missing}`);
      expect(error.hint).toContain('channelctl integrations set whatsapp');
    },
  );

  test('reports all missing settings of the integration together', async () => {
    const { failure, json } = await desk();
    const unset = ['app_id', 'config_id'].flatMap((key) => ['--unset', key]);
    await json('integrations', 'set', 'whatsapp', ...unset);
    const { error } = await failure('whatsapp', 'signup');
    expect(error.message).toContain('Missing: app_id, config_id.');
    expect(error.hint).toContain('--config app_id=… --config config_id=…');
  });

  test('reports a port in use as a conflict, with an alternative', async () => {
    const { failure } = await desk();
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const bound = squatter.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    const uri = `https://localhost:${port}/callback`;
    const { code, error } = await failure('whatsapp', 'signup', '--redirect-uri', uri);
    squatter.close();
    expect(code).toBe(7);
    expect(error.message).toContain(`port ${port}`);
    expect(error.hint).toMatch(/--code/);
    expect(error.hint).not.toMatch(/--manual/);
  });
});

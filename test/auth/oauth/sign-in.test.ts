import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { signIn } from '../../../src/auth/oauth/sign-in.ts';
import { accepts, freePort, isWaiting, send, startSignIn } from './support.ts';

describe('the callback server', () => {
  test('listens on 127.0.0.1 and ::1, and on no address that is reachable from outside', async () => {
    const { port } = await startSignIn();
    expect(await accepts('127.0.0.1', port)).toBe(true);
    expect(await accepts('::1', port)).toBe(true);
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid);
    for (const { address } of outside) expect(await accepts(address, port)).toBe(false);
    expect(await accepts('127.0.0.2', port)).toBe(false);
  });

  test.each(['127.0.0.1', '[::1]'])('accepts a callback to %s for localhost', async (host) => {
    const { answer, port, state } = await startSignIn();
    await send(`http://${host}:${port}/callback?code=AQB-code&state=${state}`);
    expect((await answer).code).toBe('AQB-code');
  });

  test.each(['127.0.0.1', '::1'])(
    'reports a port in use on %s as a conflict, without opening the browser',
    async (host) => {
      const port = await freePort();
      const squatter = createServer().listen(port, host);
      await new Promise((resolve) => squatter.once('listening', resolve));
      const redirectUri = `http://localhost:${port}/callback`;
      const { answer, opened, said } = await startSignIn({ redirectUri, openBrowser: true });
      await expect(answer).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining(`port ${port}`),
        hint: expect.stringContaining('redirect_uri'),
      });
      expect([...opened, ...said]).toEqual([]);
      const other = host === '::1' ? '127.0.0.1' : '::1';
      expect(await accepts(other, port)).toBe(false);
      squatter.close();
    },
  );
});

describe('the authorization URL', () => {
  test('is printed on its own line, even if the browser is opened', async () => {
    const { said, opened, state, parts } = await startSignIn({ openBrowser: true });
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(said).toContain(parts.authorizationUrl(state));
    expect(opened).toEqual([parts.authorizationUrl(state)]);
  });

  test('is not opened with --no-browser', async () => {
    const { said, opened, state, parts } = await startSignIn({ openBrowser: false });
    expect(said).toContain(parts.authorizationUrl(state));
    expect(opened).toEqual([]);
  });

  test('is left for the user to open if no browser starts, and the sign-in continues', async () => {
    const { answer, said, redirectUri, state } = await startSignIn({
      openBrowser: true,
      openInBrowser: () => Promise.reject(new Error('spawn xdg-open ENOENT')),
    });
    await vi.waitFor(() =>
      expect(said).toContain(
        'Could not open the browser (spawn xdg-open ENOENT). Open the URL manually.',
      ),
    );
    await send(`${redirectUri}?code=AQB-code&state=${state}`);
    expect((await answer).code).toBe('AQB-code');
  });
});

describe('the sign-in', () => {
  test('ends when the timeout expires', async () => {
    const { answer, port } = await startSignIn({ timeoutSeconds: 0.1 });
    await expect(answer).rejects.toMatchObject({
      kind: 'graph',
      message: 'Timed out after 0.1 seconds waiting for the Facebook sign-in.',
      hint: expect.stringMatching(/--timeout.*--manual/),
    });
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('mentions the tester role if an Instagram sign-in times out', async () => {
    const { answer } = await startSignIn({ provider: 'Instagram', timeoutSeconds: 0.1 });
    await expect(answer).rejects.toMatchObject({
      hint: expect.stringContaining('Insufficient developer role'),
    });
  });

  test('accepts a timeout of years', async () => {
    const { answer } = await startSignIn({ timeoutSeconds: 10 ** 9 });
    expect(await isWaiting(answer)).toBe(true);
  });

  test('frees the port immediately when interrupted, even with open connections', async () => {
    const { answer, interrupt, port, parts } = await startSignIn();
    const idle = connect({ host: '127.0.0.1', port }).on('error', () => {});
    await new Promise<void>((resolve) => idle.write('GET /', () => resolve()));
    interrupt.abort();
    await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
    const again = new AbortController();
    const next = signIn(
      { ...parts, redirectUri: parts.redirectUri },
      { ...parts, signal: again.signal },
    );
    expect(await isWaiting(next)).toBe(true);
    again.abort();
    await expect(next).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('does not start if it is already interrupted', async () => {
    const { answer, said } = await startSignIn({ signal: AbortSignal.abort() });
    await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
    expect(said).toEqual([]);
  });

  test('waits a second for a browser that never loads the result page', async () => {
    const { answer, port, redirectUri, state } = await startSignIn();
    await send(`${redirectUri}?code=AQB-code&state=${state}`);
    const { resultPageSent } = await answer;
    const before = performance.now();
    expect(await accepts('127.0.0.1', port)).toBe(true);
    await resultPageSent;
    expect(performance.now() - before).toBeGreaterThan(700);
    expect(performance.now() - before).toBeLessThan(1_600);
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  test('ends as soon as the browser has loaded the result page', async () => {
    const { answer, port, redirectUri, state } = await startSignIn();
    const callback = await send(`${redirectUri}?code=AQB-code&state=${state}`);
    const before = performance.now();
    await send(new URL(String(callback.headers.location), redirectUri).href);
    await (await answer).resultPageSent;
    expect(performance.now() - before).toBeLessThan(500);
    expect(await accepts('::1', port)).toBe(false);
  });
});

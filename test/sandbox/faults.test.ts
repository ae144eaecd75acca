import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { get, pageToken, SMALL_SEED, sandbox, send, userToken } from './support.ts';

const fields = 'id,name';

async function codes(on: Sandbox, token: string, times: number) {
  const seen: (number | undefined)[] = [];
  for (let call = 0; call < times; call += 1) {
    seen.push((await get(on, '/me/accounts', token, { fields })).body.error?.code);
  }
  return seen;
}

describe('an injected fault', () => {
  it('affects one request to its operation', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    running.inject({ operation: 'listPages', code: 4 });
    const page = await get(running, '/81', token, { fields: 'name,access_token' });
    expect(page.status).toBe(200);
    expect(await codes(running, token, 2)).toEqual([4, undefined]);
  });

  it('respects times and after', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    running.inject({ operation: 'listPages', code: 17, after: 1, times: 2 });
    expect(await codes(running, token, 4)).toEqual([undefined, 17, 17, undefined]);
  });

  it.each(['/me/accounts', '/v26.0/me/accounts', '/graph/v26.0/me/accounts'])(
    'can specify a path: %s',
    async (operation) => {
      const running = await sandbox();
      const token = await userToken(running);
      running.inject({ operation, code: 32 });
      expect(await codes(running, token, 2)).toEqual([32, undefined]);
    },
  );

  it('can be part of the seed', async () => {
    const running = await sandbox(`${SMALL_SEED}
faults: [{ operation: listPages, code: 2, is_transient: true, message: Try again }]`);
    const { status, body } = await get(running, '/me/accounts', await userToken(running), {
      fields,
    });
    expect(status).toBe(500);
    expect(body.error).toMatchObject({ code: 2, is_transient: true, message: 'Try again' });
    expect(body.error?.fbtrace_id).toMatch(/^A[\w-]{22}$/);
  });

  it.each([
    [{ code: 190, subcode: 460 }, 401, { code: 190, error_subcode: 460 }],
    [{ code: 10 }, 403, { code: 10 }],
    [{ code: 299 }, 403, { code: 299 }],
    ...[4, 17, 32, 341, 613, 80001, 80008].map((code): [object, number, object] => [
      { code },
      400,
      { code, is_transient: true },
    ]),
    [{ code: 1 }, 500, { code: 1, is_transient: true }],
    [{ code: 4, is_transient: false }, 400, { code: 4, is_transient: false }],
    [{ status: 503 }, 503, { code: 2, is_transient: true }],
    [{ status: 429 }, 429, { code: 4 }],
    [{ status: 500, code: 131031 }, 500, { code: 131031 }],
  ])('defaults to Meta’s status or code: %j', async (fault, status, error) => {
    const running = await sandbox();
    running.inject(fault);
    const answer = await get(running, '/me/accounts', 'any', { fields });
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatchObject(error);
  });

  it('prevents the change if it is an error', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    running.inject({ operation: 'setMessengerProfile', status: 500 });
    await send(running, 'POST', '/me/messenger_profile', token, { get_started: { payload: 'A' } });
    const { body } = await get(running, '/me/messenger_profile', token, { fields: 'get_started' });
    expect(body).toEqual({ data: [] });
  });

  it('adds headers to any response', async () => {
    const running = await sandbox();
    running.inject({ operation: 'listPages', headers: { 'X-App-Usage': '{"call_count":90}' } });
    running.inject({ operation: 'listPages', status: 429, headers: { 'Retry-After': '7' } });
    const token = await userToken(running);
    const good = await get(running, '/me/accounts', token, { fields });
    expect([good.status, good.headers.get('x-app-usage')]).toEqual([200, '{"call_count":90}']);
    const bad = await get(running, '/me/accounts', token, { fields });
    expect([bad.status, bad.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it('can delay the real response', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    running.inject({ operation: 'listPages', delay_ms: 150 });
    const started = performance.now();
    const { status } = await get(running, '/me/accounts', token, { fields });
    expect(status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(145);
  });

  it('can be an HTML page', async () => {
    const running = await sandbox();
    running.inject({ html: true, status: 502 });
    const response = await fetch(running.urls.graph_url);
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toContain('<h1>');
  });

  it('can be a redirect', async () => {
    const running = await sandbox();
    running.inject({ redirect: 'https://elsewhere.example/' });
    const response = await fetch(running.urls.graph_url, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://elsewhere.example/');
  });

  it.each(['before', 'middle'] as const)(
    'can close the connection %s the response after making the change',
    async (cut) => {
      const running = await sandbox();
      const token = pageToken(running, '81');
      running.inject({ operation: 'setMessengerProfile', cut });
      const lost = send(running, 'POST', '/me/messenger_profile', token, {
        get_started: { payload: 'A' },
      });
      await expect(lost).rejects.toThrow(cut === 'before' ? 'fetch failed' : 'terminated');
      const { body } = await get(running, '/me/messenger_profile', token, {
        fields: 'get_started',
      });
      expect(body).toEqual({ data: [{ get_started: { payload: 'A' } }] });
    },
  );

  it('is rejected if it is invalid', async () => {
    const running = await sandbox();
    expect(() => running.inject({ operation: 'sendPigeon' })).toThrow(
      expect.objectContaining({ kind: 'usage', reason: expect.stringContaining('operation') }),
    );
  });
});

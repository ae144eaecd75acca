import { describe, expect, it } from 'vitest';
import { run } from '../support/cli.ts';
import { oneNumber, TOKEN, whatsappDesk } from '../support/whatsapp.ts';
import { authorization, get, sandbox, userToken } from './support.ts';

const WABAS = [{ id: '5000', numbers: [{ id: '1001' }] }];

describe('a feature that Meta has removed from every version', () => {
  it('causes code 100 with HTTP 500 for a request for several IDs', async () => {
    const { meta } = await whatsappDesk({ wabas: WABAS });
    for (const address of [
      `${meta.urls.graph_url}/?ids=1001,5000`,
      `${meta.urls.graph_url}/v26.0?ids=1001,5000`,
      `${meta.urls.graph_url}/v25.0/?ids=1001,5000`,
    ]) {
      const response = await fetch(address, { headers: authorization(TOKEN) });
      expect(response.status).toBe(500);
      expect(await response.json()).toMatchObject({
        error: { code: 100, message: 'The ids query parameter is deprecated in v26.0+.' },
      });
    }
  });

  it('is not retried by channelctl, which says what to do instead', async () => {
    const { env, meta } = await oneNumber();
    const args = ['api', 'GET', 'v26.0?ids=1001,5000', '--account', 'wa-1001', '--json'];
    const { code, stderr } = await run(args, env);
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect([code, meta.requests.length]).toEqual([5, 1]);
    expect(error.graph).toMatchObject({ status: 500, code: 100 });
    expect(error.hint).toContain('request each object separately');
  });

  it.each(['pretty', 'debug', 'date_format', 'method', 'callback'])(
    'causes code 100 for the parameter %s',
    async (name) => {
      const { meta } = await whatsappDesk({ wabas: WABAS });
      const { status, body } = await get(meta, '/1001', TOKEN, { [name]: '1' });
      expect([status, body.error?.code]).toEqual([400, 100]);
      expect(body.error?.message).toContain(name);
    },
  );

  it('is ignored for a conditional request', async () => {
    const { meta } = await whatsappDesk({ wabas: WABAS });
    const headers = { ...authorization(TOKEN), 'If-None-Match': '*' };
    const response = await fetch(`${meta.urls.graph_url}/v26.0/1001`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBeNull();
  });
});

describe('IDs without quotes', () => {
  const LARGE = '17841445902716037';

  it('are returned if the seed says so, and keep their digits in channelctl', async () => {
    const numbers = [{ id: LARGE }];
    const own = await whatsappDesk({
      wabas: [{ id: '5000', subscribed_apps: [{ id: '700' }], numbers }],
      accounts: [LARGE],
      seed: { bare_ids: true },
    });
    const raw = await fetch(`${own.meta.urls.graph_url}/5000/phone_numbers?fields=id`, {
      headers: authorization(TOKEN),
    });
    expect(await raw.text()).toContain(`"id":${LARGE}`);
    const [number] = await own.json('whatsapp', 'numbers', `wa-${LARGE}`);
    expect(number.id).toBe(LARGE);
    expect(await own.json('whatsapp', 'health', `wa-${LARGE}`)).toMatchObject({
      healthy: true,
      phone_number: { id: LARGE },
      subscribed_apps: [{ id: '700' }],
    });
  });

  it('are those of Pages, too', async () => {
    const seed = { bare_ids: true, pages: [{ id: '81', name: 'Alder' }] };
    const on = await sandbox(JSON.stringify(seed));
    const { body } = await get(on, '/me/accounts', await userToken(on), { fields: 'id' });
    expect(body.data).toEqual([{ id: 81 }]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  type Answer,
  answerOf,
  extend,
  get,
  pageToken,
  SMALL_SEED,
  sandbox,
  send,
  stoppedClock,
  userToken,
} from './support.ts';

const fields = 'id,name,category,tasks';
const subscribed_fields = 'messages,messaging_postbacks';

interface List {
  data: { id: string; name: string; tasks: string[]; category: string }[];
  paging: { cursors: { before: string; after: string }; next?: string };
}

function listIn({ body }: Answer): List {
  return JSON.parse(JSON.stringify(body));
}

describe('listing Pages', () => {
  it('returns the seventy default Pages, 25 per page, by following next', async () => {
    const running = await sandbox('{}');
    const token = await userToken(running);
    const sizes: number[] = [];
    const ids = new Set<string>();
    let answer = await get(running, '/me/accounts', token, { fields });
    for (;;) {
      const list = listIn(answer);
      sizes.push(list.data.length);
      for (const page of list.data) ids.add(page.id);
      if (list.paging.next === undefined) break;
      expect(new URL(list.paging.next).searchParams.get('access_token')).toBe(token);
      answer = await answerOf(await fetch(list.paging.next));
    }
    expect(sizes).toEqual([25, 25, 20]);
    expect(ids.size).toBe(70);
    expect([...ids].every((id) => /^1045\d{11,12}$/.test(id))).toBe(true);
  });

  it('returns up to 100 with limit, and continues from a cursor', async () => {
    const running = await sandbox('{}');
    const token = await userToken(running);
    const first = listIn(await get(running, '/me/accounts', token, { fields, limit: '60' }));
    const { after } = first.paging.cursors;
    const second = listIn(
      await get(running, '/me/accounts', token, { fields, limit: '60', after }),
    );
    const all = listIn(await get(running, '/me/accounts', token, { fields, limit: '5000' }));
    expect([first.data.length, second.data.length, all.data.length]).toEqual([60, 10, 70]);
    expect([...first.data, ...second.data]).toEqual(all.data);
    expect(all.paging).not.toHaveProperty('next');
  });

  it('omits next on the last page', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    const paging = async (limit: string) =>
      listIn(await get(running, '/me/accounts', token, { fields, limit })).paging;
    expect(await paging('1')).toHaveProperty('next');
    expect(await paging('2')).not.toHaveProperty('next');
  });

  it('returns at most 100 per page', async () => {
    const pages = Array.from({ length: 101 }, (_, index) => ({ id: `${index}`, name: 'Page' }));
    const running = await sandbox(JSON.stringify({ pages }));
    const answer = await get(running, '/me/accounts', await userToken(running), {
      fields,
      limit: '500',
    });
    expect(listIn(answer).data).toHaveLength(100);
    expect(listIn(answer).paging).toHaveProperty('next');
  });

  it('has two default Pages without a messaging task, not among the first ten', async () => {
    const running = await sandbox('{}');
    const token = await userToken(running);
    const { data } = listIn(await get(running, '/me/accounts', token, { fields, limit: '100' }));
    const silent = data.flatMap(({ tasks }, index) => (tasks.includes('MESSAGING') ? [] : [index]));
    expect(silent).toHaveLength(2);
    expect(Math.min(...silent)).toBeGreaterThanOrEqual(10);
  });

  it('returns only the requested fields', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    const { body } = await get(running, '/me/accounts', token, { fields: 'id,name' });
    expect(body.data).toEqual([
      { id: '81', name: 'Alder Books' },
      { id: '82', name: 'Birch & Co' },
    ]);
  });

  it('returns the same default fields as Meta', async () => {
    const running = await sandbox();
    const { body } = await get(running, '/me/accounts', await userToken(running));
    expect(body.data).toMatchObject([
      {
        id: '81',
        name: 'Alder Books',
        category: 'Bookstore',
        tasks: expect.arrayContaining(['MESSAGING']),
        access_token: expect.stringMatching(/^EAA/),
      },
      { id: '82' },
    ]);
  });

  it('accepts the fields as a JSON array', async () => {
    const running = await sandbox();
    const { body } = await get(running, '/me/accounts', await userToken(running), {
      fields: '["id","name"]',
    });
    expect(body.data).toMatchObject([{ id: '81', name: 'Alder Books' }, { id: '82' }]);
  });

  it('goes back from a cursor', async () => {
    const running = await sandbox('{}');
    const token = await userToken(running);
    const query = { fields, limit: '10' };
    const first = listIn(await get(running, '/me/accounts', token, query));
    const { after } = first.paging.cursors;
    const second = listIn(await get(running, '/me/accounts', token, { ...query, after }));
    const { before } = second.paging.cursors;
    const back = await get(running, '/me/accounts', token, { ...query, before });
    expect(listIn(back).data).toEqual(first.data);
  });

  it.each([
    ['an unknown field', { fields: 'id,shoe_size' }, 'shoe_size'],
    ['an unknown parameter', { fields, colour: 'red' }, 'colour'],
    ['a limit that is not a number', { fields, limit: 'all' }, 'limit'],
    ['a limit of zero', { fields, limit: '0' }, 'limit'],
    ['an invalid after cursor', { fields, after: 'bm93aGVyZQ' }, 'after'],
    ['an invalid before cursor', { fields, before: 'bm93aGVyZQ' }, 'before'],
  ])('rejects %s with error 100', async (_, query, words) => {
    const running = await sandbox();
    const token = await userToken(running);
    const { status, body } = await get(running, '/me/accounts', token, query);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100, type: 'OAuthException' });
    expect(body.error?.message).toContain(words);
  });

  it('rejects a Page token as Meta does', async () => {
    const running = await sandbox();
    const { body } = await get(running, '/me/accounts', pageToken(running, '81'), { fields });
    expect(body.error).toMatchObject({
      code: 100,
      message: '(#100) Tried accessing nonexisting field (accounts) on node type (Page)',
    });
  });
});

describe('getting a Page token', () => {
  const query = { fields: 'name,access_token' };

  it('returns a token that works for that Page', async () => {
    const running = await sandbox();
    const answer = await get(running, '/82', await userToken(running), query);
    expect(answer.body).toMatchObject({ id: '82', name: 'Birch & Co' });
    const token = String(answer.body.access_token);
    const { body } = await send(running, 'POST', '/82/subscribed_apps', token, {
      subscribed_fields,
    });
    expect(body).toEqual({ success: true });
  });

  it.each([
    ['an unknown Page', '4711'],
    ['a Page on which the user has no role', '83'],
  ])('fails with 100/33: %s', async (_, id) => {
    const running = await sandbox();
    const { status, body } = await get(running, `/${id}`, await userToken(running), query);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100, error_subcode: 33 });
    expect(body.error?.message).toContain(`'${id}'`);
  });

  it('returns a token that expires with a short-lived user token, and never with a long-lived one', async () => {
    const clock = stoppedClock();
    const running = await sandbox(SMALL_SEED, clock.now);
    const short = await userToken(running);
    const long = String((await extend(running, short)).body.access_token);
    const [mortal, lasting] = await Promise.all(
      [short, long].map(async (token) =>
        String((await get(running, '/81', token, query)).body.access_token),
      ),
    );
    clock.pass(365 * 24 * 3_600_000);
    const subscribe = (token = '') =>
      send(running, 'POST', '/81/subscribed_apps', token, { subscribed_fields });
    expect((await subscribe(mortal)).body.error).toMatchObject({ code: 190, error_subcode: 463 });
    expect((await subscribe(lasting)).status).toBe(200);
  });
});

describe('a Page', () => {
  const own = (token: string) => ({ id: '81', name: 'Alder Books', access_token: token });

  it('returns the requested fields to a user, or ID and name by default', async () => {
    const running = await sandbox();
    const token = await userToken(running);
    expect((await get(running, '/81', token)).body).toEqual({ id: '81', name: 'Alder Books' });
    for (const asked of ['access_token,name', 'id,name,access_token']) {
      const { body } = await get(running, '/81', token, { fields: asked });
      expect(body).toEqual(own(expect.stringMatching(/^EAA/)));
    }
    const bare = await get(running, '/81', token, { fields: 'access_token' });
    expect(bare.body).toEqual({ id: '81', access_token: expect.stringMatching(/^EAA/) });
    const { body } = await get(running, '/81', token, { fields: 'tasks, category' });
    expect(body).toMatchObject({ category: 'Bookstore', tasks: expect.any(Array) });
    const unknown = await get(running, '/81', token, { fields: 'name,shoe_size' });
    expect(unknown.body.error).toMatchObject({ code: 100 });
  });

  it('returns them to its own token, by ID and as /me', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    for (const path of ['/81', '/me']) {
      expect((await get(running, path, token)).body).toEqual({ id: '81', name: 'Alder Books' });
      const asked = { fields: 'name,category,access_token' };
      const { body } = await get(running, path, token, asked);
      expect(body).toEqual({ ...own(token), category: 'Bookstore' });
    }
  });

  it('does not exist for another Page', async () => {
    const running = await sandbox();
    const { body } = await get(running, '/82', pageToken(running, '81'));
    expect(body.error).toMatchObject({ code: 100, error_subcode: 33 });
  });
});

describe('the subscribed apps of a Page', () => {
  it('are empty until the app subscribes, then include its fields', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    const list = () => get(running, '/81/subscribed_apps', token, { fields: 'subscribed_fields' });
    expect((await list()).body).toEqual({ data: [] });
    await send(running, 'POST', '/81/subscribed_apps', token, { subscribed_fields });
    expect((await list()).body.data).toEqual([
      { id: '700', subscribed_fields: ['messages', 'messaging_postbacks'] },
    ]);
  });

  it('include name and fields by default, also under /me', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    await send(running, 'POST', '/me/subscribed_apps', token, { subscribed_fields: ['messages'] });
    for (const path of ['/81/subscribed_apps', '/me/subscribed_apps']) {
      const { body } = await get(running, path, token);
      expect(body.data).toMatchObject([
        { id: '700', name: 'Small Desk', subscribed_fields: ['messages'] },
      ]);
    }
  });

  it('no longer include the app once it has unsubscribed, even twice', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    await send(running, 'POST', '/81/subscribed_apps', token, { subscribed_fields });
    for (const _ of [1, 2]) {
      const { body } = await send(running, 'DELETE', '/81/subscribed_apps', token, {});
      expect(body).toEqual({ success: true });
    }
    expect((await get(running, '/81/subscribed_apps', token)).body).toEqual({ data: [] });
  });

  it('are returned only to the token of that Page', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    const { body } = await get(running, '/82/subscribed_apps', token, { fields: 'id' });
    expect(body.error).toMatchObject({ code: 100, error_subcode: 33 });
  });
});

describe('subscribing the app to a Page', () => {
  const subscribe = (running: Awaited<ReturnType<typeof sandbox>>, id: string, token: string) =>
    send(running, 'POST', `/${id}/subscribed_apps`, token, { subscribed_fields });

  it('can be repeated', async () => {
    const running = await sandbox();
    const token = pageToken(running, '81');
    expect((await subscribe(running, '81', token)).body).toEqual({ success: true });
    expect((await subscribe(running, '81', token)).body).toEqual({ success: true });
  });

  it('accepts its parameters as JSON, as a form or in the query', async () => {
    const running = await sandbox();
    const address = `${running.urls.graph_url}/v26.0/81/subscribed_apps`;
    const form = new URLSearchParams({
      subscribed_fields,
      access_token: pageToken(running, '81'),
    });
    const asForm = await fetch(address, { method: 'POST', body: form });
    const inAddress = await fetch(`${address}?${form}`, { method: 'POST' });
    expect([asForm.status, inAddress.status]).toEqual([200, 200]);
  });

  it('prefers the parameters in the body over those in the query', async () => {
    const running = await sandbox();
    const address = `${running.urls.graph_url}/v26.0/81/subscribed_apps?subscribed_fields=telepathy`;
    const body = new URLSearchParams({ subscribed_fields, access_token: pageToken(running, '81') });
    expect((await fetch(address, { method: 'POST', body })).status).toBe(200);
  });

  it('rejects the token of another Page with 100/33', async () => {
    const running = await sandbox();
    const { body } = await subscribe(running, '82', pageToken(running, '81'));
    expect(body.error).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it('rejects a user token', async () => {
    const running = await sandbox();
    const { status, body } = await subscribe(running, '81', await userToken(running));
    expect([status, body.error?.code]).toEqual([403, 210]);
  });

  it('rejects a user without a task for webhooks, who can still get the Page token', async () => {
    const running = await sandbox();
    const user = await userToken(running, {}, '92');
    const answer = await get(running, '/81', user, { fields: 'name,access_token' });
    const { status, body } = await subscribe(running, '81', String(answer.body.access_token));
    expect(status).toBe(403);
    expect(body.error?.code).toBe(200);
    expect(body.error?.message).toContain('CREATE_CONTENT, MANAGE, MODERATE');
  });

  it.each([
    ['[CREATE_CONTENT]', 200],
    ['[PROFILE_PLUS_MANAGE]', 200],
    ['[PROFILE_PLUS_FULL_CONTROL]', 200],
    ['null', 200],
    ['[MESSAGING]', 403],
  ])('responds to a user with the tasks %s with HTTP %i', async (tasks, status) => {
    const running = await sandbox(`
pages: [{ id: "81", name: One }]
people: [{ id: "91", name: Ada, pages: [{ id: "81", tasks: ${tasks} }] }]`);
    expect((await subscribe(running, '81', pageToken(running, '81'))).status).toBe(status);
  });

  it('rejects a missing permission and names it', async () => {
    const running = await sandbox();
    const user = await userToken(running, { scope: 'pages_show_list' });
    const answer = await get(running, '/81', user, { fields: 'name,access_token' });
    const { body } = await subscribe(running, '81', String(answer.body.access_token));
    expect(body.error?.code).toBe(200);
    expect(body.error?.message).toContain('pages_manage_metadata');
  });

  it('requires another permission for fields about messages, and names it', async () => {
    const declined = 'declined_permissions: [pages_messaging], pages: [{ id: "81" }';
    const running = await sandbox(SMALL_SEED.replace('pages: [{ id: "81" }', declined));
    const token = pageToken(running, '81');
    const body = { subscribed_fields: 'feed,messages,message_reads' };
    const answer = await send(running, 'POST', '/81/subscribed_apps', token, body);
    expect(answer.status).toBe(403);
    expect(answer.body.error).toMatchObject({
      code: 200,
      message:
        '(#200) To subscribe to the messages field, one of these permissions is needed: pages_messaging. To subscribe to the message_reads field, one of these permissions is needed: pages_messaging',
    });
    expect((await get(running, '/81/subscribed_apps', token)).body.data).toEqual([]);
    const feed = { subscribed_fields: 'feed' };
    expect((await send(running, 'POST', '/81/subscribed_apps', token, feed)).status).toBe(200);
  });

  it('is not granted a permission that the user declines when signing in', async () => {
    const declined = 'declined_permissions: [pages_show_list], pages: [{ id: "81" }';
    const running = await sandbox(SMALL_SEED.replace('pages: [{ id: "81" }', declined));
    const { body } = await get(running, '/me/accounts', await userToken(running));
    expect(body.error?.message).toContain('pages_show_list');
  });

  it('rejects a webhook field that Meta does not have', async () => {
    const running = await sandbox();
    const { body } = await send(running, 'POST', '/81/subscribed_apps', pageToken(running, '81'), {
      subscribed_fields: 'messages,telepathy',
    });
    expect(body.error?.code).toBe(100);
    expect(body.error?.message).toMatch(/^\(#100\) Param subscribed_fields\[1\].*"telepathy"/);
  });
});

import { describe, expect, test, vi } from 'vitest';
import { run } from '../support/cli.ts';
import {
  BUSINESS_TOKEN,
  type GrantsDesk as Desk,
  grantsDesk as desk,
  INSTAGRAM_TOKEN,
  inDays,
} from '../support/grants-desk.ts';

describe('the expiry that a check reads from Meta', () => {
  const expiring = () => {
    const expires = inDays(40);
    return { expires, whatsapp: { business_token_expires_at: expires } };
  };

  test.each([
    ['whatsapp health', (at: Desk) => at.health()],
    ['accounts check', (at: Desk) => at.check('wa-61')],
    ['status', (at: Desk) => at.status()],
  ])('is stored by %s, once, and recorded in the audit log', async (command, check) => {
    const { expires, whatsapp } = expiring();
    const at = await desk({ whatsapp });
    expect(await at.storedExpiry('wa-61')).toBeUndefined();
    await check(at);
    expect(await at.storedExpiry('wa-61')).toBe(expires);
    const after = await at.state();
    await check(at);
    expect(await at.state()).toBe(after);
    const entries = await at.json('audit', 'list');
    const own = entries.filter((one: { command: string }) => one.command === command);
    expect(own.flatMap(({ changes }: { changes: unknown }) => changes)).toContainEqual({
      field: 'config.token_expires_at',
      before: null,
      after: expires,
    });
    const tokens = await at.json('tokens', 'list');
    expect(tokens).toContainEqual(
      expect.objectContaining({ account_key: 'wa-61', expires_at: expires }),
    );
  });

  test('of several accounts is stored in one change', async () => {
    const { expires, whatsapp } = expiring();
    const at = await desk({ whatsapp, page: { token_expires_at: expires } });
    await at.status();
    const tokens = await at.json('tokens', 'list');
    const times = Object.fromEntries(
      tokens.map((one: { account_key: string; expires_at: string }) => [
        one.account_key,
        one.expires_at,
      ]),
    );
    expect(times).toMatchObject({ 'wa-61': expires, 'fb-81': expires });
    expect(times['ig-71']).toMatch(/Z$/);
    const entries = await at.json('audit', 'list');
    const changed = entries.filter(({ command }: { command: string }) => command === 'status');
    expect(new Set(changed.map(({ at: time }: { at: string }) => time)).size).toBe(1);
  });

  test('replaces a wrong one, and is removed if the token never expires', async () => {
    const { expires, whatsapp } = expiring();
    const set = (at: Desk) =>
      at.json('accounts', 'update', 'wa-61', '--config', `token_expires_at=${inDays(3)}`);
    const one = await desk({ whatsapp });
    await set(one);
    expect(await one.health()).toMatchObject({ healthy: true, problems: [] });
    expect(await one.storedExpiry('wa-61')).toBe(expires);
    const other = await desk();
    await set(other);
    expect(await other.health()).toMatchObject({ healthy: true, problems: [] });
    expect(await other.storedExpiry('wa-61')).toBeUndefined();
  });

  test('is not stored for a token that replaces the checked one in the meantime', async () => {
    const { whatsapp } = expiring();
    const at = await desk({ whatsapp });
    at.meta.inject({ operation: 'debugToken', delay_ms: 500 });
    const checking = at.health();
    await vi.waitFor(() => expect(at.meta.requests).not.toEqual([]));
    await at.json('accounts', 'update', 'wa-61', '--config', 'access_token=env:SECRET');
    expect(await checking).toMatchObject({ healthy: true });
    expect(await at.storedExpiry('wa-61')).toBeUndefined();
  });

  test('is not removed because Meta reports none for a token that always expires', async () => {
    const at = await desk();
    const past = inDays(-1);
    await at.json('accounts', 'update', 'ig-71', '--config', `token_expires_at=${past}`);
    const data = { app_id: '700', type: 'USER', is_valid: true, expires_at: 0, scopes: [] };
    at.meta.inject({ operation: 'debugToken', body: { data } });
    await at.check('ig-71');
    expect(at.meta.requests.map(({ operation }) => operation)).toContain('debugToken');
    expect(await at.storedExpiry('ig-71')).toBe(past);
  });

  test('is not stored for a token in a variable, or if nothing differs', async () => {
    const { whatsapp } = expiring();
    const at = await desk({ whatsapp });
    at.env.CHANNELCTL_SECRET_WHATSAPP_WA_61_ACCESS_TOKEN = BUSINESS_TOKEN;
    at.env.CHANNELCTL_SECRET_INSTAGRAM_IG_71_ACCESS_TOKEN = INSTAGRAM_TOKEN;
    const before = await at.state();
    const [, number] = await at.status();
    expect(number.token_expires_at).toMatch(/Z$/);
    expect(await at.state()).toBe(before);
  });

  test('is stored by checks that run at the same time, without losing another change', async () => {
    const { expires, whatsapp } = expiring();
    const at = await desk({ whatsapp });
    const results = await Promise.all([
      ...[1, 2, 3].map(() => run(['status', '--json'], at.env)),
      run(['accounts', 'update', 'wa-61', '--display-name', 'Desk'], at.env),
    ]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await at.storedExpiry('wa-61')).toBe(expires);
    expect((await at.json('accounts', 'get', 'wa-61')).display_name).toBe('Desk');
  });
});

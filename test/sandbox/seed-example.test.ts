import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { seedFields } from '../../src/sandbox/seed/schema.ts';
import { onInstagram } from './instagram-support.ts';
import { get, pageToken, sandbox } from './support.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const EXAMPLE = /```yaml\n# seed\.yaml\n([^`]+)```/.exec(README)?.[1] ?? '';

interface Shape {
  properties?: Record<string, Shape>;
  items?: Shape;
  anyOf?: Shape[];
}

function keysIn({ properties = {}, items, anyOf = [] }: Shape, path = ''): string[] {
  const inner = [items, ...anyOf].flatMap((shape) => (shape ? keysIn(shape, path) : []));
  const own = Object.entries(properties).flatMap(([key, shape]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [here, ...keysIn(shape, here)];
  });
  return [...own, ...inner];
}

function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [here, ...keysOf(inner, here)];
  });
}

describe('the example seed in the README', () => {
  it('has every key of the schema', () => {
    const known: Shape = JSON.parse(JSON.stringify(z.toJSONSchema(seedFields, { io: 'input' })));
    const shown = new Set(keysOf(parse(EXAMPLE)));
    expect(keysIn(known).filter((key) => !shown.has(key))).toEqual([]);
  });

  it('matches its comments', async () => {
    const on = await sandbox(EXAMPLE);
    const { app_id, app_secret, phone_number_id, business_token, pin } = on.description;
    expect({ app_id, app_secret, phone_number_id, business_token, pin }).toEqual({
      ...{ app_id: '700', app_secret: 'app-secret-700', phone_number_id: '11' },
      ...{ business_token: 'EAA-for-all', pin: '204816' },
    });
    const page = (id: string) => get(on, `/${id}`, pageToken(on, id));
    expect((await page('81')).body).toEqual({ id: '81', name: 'Alder Books' });
    expect((await page('82')).body.error).toMatchObject({ code: 190, error_subcode: 463 });
    expect((await page('83')).body.error).toMatchObject({ code: 190, error_subcode: 492 });
    const refreshed = await onInstagram(on, 'GET', '/refresh_access_token', null, {
      grant_type: 'ig_refresh_token',
      access_token: 'IGAA-ready',
    });
    expect(refreshed.body).toMatchObject({ expires_in: 60 * 86_400 });
    const hidden = await get(on, '/12', 'EAA-for-all');
    expect(hidden.body).toMatchObject({ id: '12', verified_name: 'Alder Support' });
  });
});

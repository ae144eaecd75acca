import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { auditItem } from '../../src/cli/audit-remote.ts';
import { emptyState } from '../../src/profile/state-file/read.ts';
import { run } from '../support/cli.ts';
import { desks, pageAccount } from '../support/desk.ts';

const SECRET = 'Q7wErTy9uIoP3aSdFgH5';
const desk = desks(pageAccount('81'));

describe('a secret in a parameter is neither in the debug output nor in the audit log', () => {
  test.each([
    ['in JSON', JSON.stringify({ a: [{ api_token: SECRET }] })],
    ['in JSON in JSON', JSON.stringify({ a: JSON.stringify({ api_token: SECRET }) })],
    ['in JSON after other text', `see {"api_token": "${SECRET}"}`],
    ['in the user part of a URL', `https://desk:${SECRET}@desk.example.com/hooks`],
    ['in a pair', `first api_token=${SECRET}, then others`],
    ['in a header', `Authorization: Bearer ${SECRET}`],
  ])('%s', async (_, value) => {
    const own = await desk({ extra: { CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: 'x' } });
    own.meta.inject({ body: { success: true, echo: value } });
    const args = ['api', 'POST', '81/settings', '--account', 'fb-81', '-f', `data=${value}`];
    const { code, stderr } = await own.cli(...args, '--yes', '--debug');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const audit = await readFile(join(own.configDir, 'audit/default/audit.jsonl'), 'utf8');
    expect(audit).toContain('81/settings');
    expect(`${stderr}${audit}${await own.state()}`).not.toContain(SECRET);
  });

  test('in a list', async () => {
    const own = await desk({ extra: { CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: 'x' } });
    const input = join(own.configDir, 'input.json');
    const list = [{ api_token: SECRET }, `api_token=${SECRET}`, [{ inner: { pin: SECRET } }]];
    await writeFile(input, JSON.stringify({ list }));
    own.meta.inject({ body: { list } });
    const args = ['api', 'POST', '81/settings', '--account', 'fb-81', '--input', input];
    const { code, stderr } = await own.cli(...args, '--yes', '--debug');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const audit = await readFile(join(own.configDir, 'audit/default/audit.jsonl'), 'utf8');
    expect(audit).toContain('"list"');
    expect(`${stderr}${audit}`).not.toContain(SECRET);
  });

  test('as a previous value, for the audit log', () => {
    const parameters = { api_token: 'x', text: 'x' };
    const before = { api_token: SECRET, text: `api_token=${SECRET}` };
    const change = { method: 'POST', path: '/81', parameters, before, accountId: null };
    expect(auditItem(change, emptyState()).changes.map(({ before }) => before)).toEqual([
      '********',
      'api_token=[redacted]',
    ]);
  });

  test('in a path, if it is known', async () => {
    const extra = { CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: SECRET };
    const own = await desk({ extra });
    own.meta.inject({ body: { success: true } });
    const path = `81/${SECRET}`;
    const { stderr } = await own.cli('api', 'POST', path, '--account', 'fb-81', '--yes', '--debug');
    const audit = await readFile(join(own.configDir, 'audit/default/audit.jsonl'), 'utf8');
    expect(audit).toContain('81/[redacted]');
    expect(`${stderr}${audit}`).not.toContain(SECRET);
  });

  test('as a key, if it is known', async () => {
    const token = `EAA${SECRET}`;
    const extra = { CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: token };
    const own = await desk({ extra });
    own.meta.inject({ body: { data: [{ [token]: 1, name: `Page ${token.toUpperCase()}` }] } });
    const input = join(own.configDir, 'input.json');
    await writeFile(input, JSON.stringify({ a: { [token]: 1 } }));
    const args = ['api', 'POST', '81/settings', '--account', 'fb-81', '--input', input];
    const { code, stdout, stderr } = await own.cli(...args, '--yes', '--debug', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toEqual({ data: [{ '[redacted]': 1, name: 'Page [redacted]' }] });
    const audit = await readFile(join(own.configDir, 'audit/default/audit.jsonl'), 'utf8');
    expect(`${stdout}${stderr}${audit}`.toLowerCase()).not.toContain(token.toLowerCase());
  });
});

test('an error shows an ID of the configuration that a secret contains', async () => {
  const id = '106500000081';
  const token = `EAA${id}${SECRET}`;
  const own = await desk({ extra: { CHANNELCTL_SECRET_MESSENGER_LONG_PAGE_ACCESS_TOKEN: token } });
  const config = ['--config', `page_id=${id}`, '--config', `page_access_token=env:TOKEN`];
  const create = ['accounts', 'create', '--channel', 'messenger', '--account-key', 'long'];
  const env = { ...own.env, TOKEN: token };
  expect((await run([...create, ...config], env)).code).toBe(0);
  const message = `No object ${id} for ${token.slice(0, 20)}… or ${SECRET.slice(4, 14)}…`;
  own.meta.inject({ code: 100, message });
  const { error } = await own.failure('api', 'GET', id, '--account', 'long');
  expect(error.graph.message).toBe(`No object ${id} for [redacted]… or [redacted]…`);
  expect(error.message).toContain(`: No object ${id} for [redacted]… or [redacted]…`);
});

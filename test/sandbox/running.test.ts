import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  connectCommand,
  defaultShell,
  formatVariables,
} from '../../src/commands/sandbox/variables.ts';
import { freePort, send } from '../auth/oauth/support.ts';
import { home } from '../support/cli.ts';
import { sandbox } from './support.ts';

async function startOther(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

describe('sandbox env', () => {
  test('returns what sandbox start returns, whatever the setting output is', async () => {
    const running = await sandbox('{}');
    const own = await home();
    await own.cli('config', 'set', 'output', 'yaml');
    const port = String(running.port);
    expect(await own.json('sandbox', 'env', '--port', port)).toEqual(running.description);
    const { code, stdout, stderr } = await own.cli(
      'sandbox',
      'env',
      '--port',
      port,
      '--shell',
      'sh',
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${formatVariables(running.description, 'sh')}\n`,
      stderr: '',
    });
  });

  test('exits with 3 and prints nothing to evaluate if no sandbox is running', async () => {
    const own = await home();
    const port = String(await freePort());
    const { code, stdout, error } = await own.failure('sandbox', 'env', '--port', port);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(error.message).toContain(`No sandbox is running on port ${port}.`);
    expect(error.hint).toContain('sandbox start');
    expect(error.hint).toContain('--port');
  });

  test.each([
    [404, '{"error":"No such path"}'],
    [200, '<!doctype html>'],
    [200, '{"app_id":"1","app_secret":"$(id)"}'],
    [200, `{"graph_url":"https://evil.example"}`],
  ])('exits with 3 if another program uses the port: %s %s', async (status, body) => {
    const port = await startOther(status, body);
    const { code, error } = await (await home()).failure('sandbox', 'env', '--port', port);
    expect(code).toBe(3);
    expect(error.message).toContain('Another program');
  });

  test('is not answered for a web page, whose host name is not on this machine', async () => {
    const { urls } = await sandbox('{}');
    const { origin } = new URL(urls.graph_url);
    const { status, body } = await send(`${origin}/sandbox.json`, {
      headers: { Host: 'evil.example' },
    });
    expect(status).toBe(403);
    expect(body).not.toContain('app_secret');
  });
});

test('the variables are quoted for PowerShell, which also ends a string at ’', async () => {
  const { description } = await sandbox('{}');
  const secret = "it's ‘so’ $HOME `n";
  const lines = formatVariables({ ...description, app_secret: secret }, 'powershell').split('\n');
  expect(lines[0]).toBe(`$env:CHANNELCTL_GRAPH_URL = '${description.graph_url}'`);
  expect(lines).toContain("$env:SANDBOX_APP_SECRET = 'it''s ‘‘so’’ $HOME `n'");
});

test.each([
  ['linux', {}, 'sh'],
  ['darwin', { SHELL: '/bin/zsh' }, 'sh'],
  ['win32', {}, 'powershell'],
  ['win32', { MSYSTEM: 'MINGW64' }, 'sh'],
  ['win32', { SHELL: '/usr/bin/bash' }, 'sh'],
])('the default shell on %s with %j is %s', (system, env, shell) => {
  expect(defaultShell(env, system)).toBe(shell);
});

test('the command for another terminal names the port only if it is not the default', () => {
  expect(connectCommand('sh', 8977)).toBe('eval "$(channelctl sandbox env)"');
  expect(connectCommand('fish', 9000)).toBe(
    'channelctl sandbox env --port 9000 --shell fish | source',
  );
  expect(connectCommand('powershell', 8977)).toContain('| Out-String | Invoke-Expression');
});

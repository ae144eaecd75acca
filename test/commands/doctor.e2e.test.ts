import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { home, onBuilt } from '../support/cli.ts';

test('doctor reports a port in use, a proxy, and a webhook URL that Meta cannot reach', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const own = await home({
    CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1', // This port refuses connections immediately.
    CHANNELCTL_REDIRECT_URI: `http://127.0.0.1:${port}/callback`,
    CHANNELCTL_WEBHOOK_BASE_URL: 'http://localhost:9000',
    HTTP_PROXY: 'http://ada:proxy-password@127.0.0.1:2',
  });
  const { code, stdout } = await onBuilt(own).cli('doctor', '--json');
  const findings: { check: string }[] = JSON.parse(stdout);
  const of = (check: string) => findings.filter((one) => one.check === check);
  expect(code).toBe(0);
  expect(of('redirect_uri')).toMatchObject([{ status: 'warning' }]);
  expect(of('webhook_base_url')).toMatchObject([{ status: 'warning' }]);
  expect(of('proxy')).toMatchObject([{ status: 'ok', message: '127.0.0.1:2.' }]);
  expect(JSON.stringify(findings)).not.toContain('proxy-password');
});

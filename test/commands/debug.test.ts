import { expect, test } from 'vitest';
import { proofOf, signInCode } from '../sandbox/support.ts';
import { APP, desks } from '../support/desk.ts';

const desk = desks();

function exchanges(stderr: string): string[] {
  return stderr.split('\n').filter((line) => /^[<>] /.test(line));
}

test('--debug prints every exchange to stderr without secrets, and does not change stdout', async () => {
  const own = await desk();
  const connect = ['messenger', 'connect', '--page', '81', '--json'];
  const code = await signInCode(own.meta);
  const shown = await own.cli(...connect, '--code', code, '--debug');
  const plain = await own.cli(...connect, '--code', await signInCode(own.meta));
  expect(shown.code).toBe(0);
  expect(shown.stdout).toBe(plain.stdout);
  expect(plain.stderr).toBe('');

  const lines = exchanges(shown.stderr);
  const graph = `${own.meta.urls.graph_url}/v26.0`;
  const redirect = encodeURIComponent('http://localhost:8976/callback');
  const app = `client_id=${APP.id}&client_secret=[redacted]`;
  expect(lines.filter((line) => /^> (?:GET|POST) /.test(line))).toEqual([
    `> GET ${graph}/oauth/access_token?${app}&redirect_uri=${redirect}&code=[redacted]`,
    `> GET ${graph}/oauth/access_token?grant_type=fb_exchange_token&${app}&fb_exchange_token=[redacted]`,
    `> GET ${graph}/me/accounts?fields=id%2Cname%2Ccategory%2Ctasks&limit=100&appsecret_proof=[redacted]`,
    `> GET ${graph}/me/businesses?fields=id%2Cname&limit=100&appsecret_proof=[redacted]`,
    `> GET ${graph}/debug_token?input_token=[redacted]&appsecret_proof=[redacted]`,
    `> GET ${graph}/81?fields=name%2Caccess_token&appsecret_proof=[redacted]`,
    `> POST ${graph}/81/subscribed_apps`,
  ]);
  expect(lines.filter((line) => /^< 200 \(\d+ ms\)$/.test(line))).toHaveLength(7);
  expect(lines.filter((line) => line === '> Authorization: Bearer [redacted]')).toHaveLength(5);
  expect(lines.filter((line) => /^< .*"access_token":"\[redacted\]"/.test(line))).toHaveLength(3);
  expect(lines.find((line) => line.includes('"subscribed_fields"'))).toContain(
    '"appsecret_proof":"[redacted]"',
  );

  const tokens = own.meta.requests.flatMap(({ headers: { authorization } }) =>
    authorization === undefined ? [] : [authorization.replace('Bearer ', '')],
  );
  const proofs = tokens.map((token) => proofOf(token, APP.secret));
  expect(tokens).not.toHaveLength(0);
  for (const secret of [APP.secret, code, ...tokens, ...proofs]) {
    expect(shown.stderr).not.toContain(secret);
  }
});

test('--debug prints each attempt and Meta’s error before the error object, which is the last line', async () => {
  const own = await desk();
  const headers = { 'Retry-After': '0', 'X-App-Usage': '{"call_count":97}' };
  own.meta.inject({
    operation: 'extendUserToken',
    times: 4,
    status: 503,
    message: 'Try later',
    headers,
  });
  const args = ['messenger', 'connect', '--list-only', '--json', '--debug'];
  const { code, stdout, stderr } = await own.cli(...args, '--code', await signInCode(own.meta));
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  const lines = exchanges(stderr);
  expect(lines.filter((line) => line.startsWith('< 503 '))).toHaveLength(4);
  expect(lines).toContain('< x-app-usage: {"call_count":97}');
  expect(lines.filter((line) => line.includes('Try later'))).toHaveLength(4);
  expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error.kind).toBe('graph');
});

test('--debug prints a request without a response', async () => {
  const own = await desk();
  own.meta.inject({ operation: 'exchangeLoginCode', cut: 'before' });
  const args = ['messenger', 'connect', '--list-only', '--debug', '--code', 'AQ-a-code'];
  const { code, stderr } = await own.cli(...args);
  expect(code).toBe(5);
  expect(stderr).toMatch(/^< no response: ECONNRESET \(\d+ ms\)$/m);
  expect(stderr).not.toContain('AQ-a-code');
});

test('prints no exchange without --debug', async () => {
  const own = await desk();
  const args = ['messenger', 'connect', '--list-only', '--code', 'AQ-a-code'];
  const { stderr } = await own.cli(...args);
  expect(exchanges(stderr)).toEqual([]);
});

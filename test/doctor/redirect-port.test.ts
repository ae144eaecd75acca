import { expect, test } from 'vitest';
import { checkRedirectUri } from '../../src/doctor/urls.ts';

const URI = 'http://localhost:8976/callback';

test.each([
  ['win32', 'netsh interface ipv4 show excludedportrange tcp'],
  ['linux', 'administrator privileges'],
])('doctor warns if the system refuses the port of redirect_uri: %s', async (system, hint) => {
  const result = await checkRedirectUri(URI, async () => 'EACCES', system);
  expect(result).toMatchObject({
    check: 'redirect_uri',
    status: 'warning',
    message: `channelctl cannot listen on port 8976 of ${URI}.`,
  });
  expect(result.hint).toContain(hint);
  expect(result.hint).toContain('config set redirect_uri');
});

test('doctor ignores an address that this machine lacks', async () => {
  const result = await checkRedirectUri(URI, async () => 'EADDRNOTAVAIL');
  expect(result.status).toBe('ok');
});

import { expect, test } from 'vitest';
import { listenAtEndpoint } from '../../../src/auth/http.ts';
import { refusedPort } from '../../../src/shared/loopback/server.ts';
import { freePort, send } from './support.ts';

const TEXTS = { alternative: 'give up', print: () => {} };

/** An address in TEST-NET-3 (RFC 5737), which no machine has. */
const NOWHERE = '203.0.113.1';

const placeOn = async (addresses: string[]) => ({
  addresses,
  port: await freePort(),
  secure: false,
  hosts: [],
});

test('serves only the first address if the machine lacks the second', async () => {
  const place = await placeOn(['127.0.0.1', NOWHERE]);
  const listener = await listenAtEndpoint(
    place,
    null,
    (_, response) => response.end('here'),
    TEXTS,
  );
  expect((await send(`http://127.0.0.1:${place.port}/`)).body).toBe('here');
  await listener.close();
});

test('rejects a single address that the machine lacks as a usage error', async () => {
  const place = await placeOn([NOWHERE]);
  await expect(listenAtEndpoint(place, null, () => {}, TEXTS)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(NOWHERE),
    reason: expect.stringContaining('EADDRNOTAVAIL'),
    hint: expect.stringMatching(/redirect_uri.*, or give up\.$/),
  });
});

test('can be closed twice', async () => {
  const listener = await listenAtEndpoint(await placeOn(['127.0.0.1']), null, () => {}, TEXTS);
  await listener.close();
  await listener.close();
});

test('names the command that lists the ports that Windows reserves', () => {
  expect(refusedPort('win32')).toContain('netsh interface ipv4 show excludedportrange tcp');
  expect(refusedPort('linux')).not.toContain('netsh');
});

import { describe, expect, test } from 'vitest';
import { parseRedirectUri } from '../../../src/auth/redirect-uri.ts';

const place = (address: string) => parseRedirectUri(address).loopback;

describe('the redirect URI determines where the server listens', () => {
  test('localhost means both 127.0.0.1 and ::1', () => {
    expect(place('http://localhost:8976/callback')).toEqual({
      addresses: ['127.0.0.1', '::1'],
      port: 8976,
      secure: false,
      hosts: ['localhost:8976', '127.0.0.1:8976', '[::1]:8976'],
    });
  });

  test('an IP address means only itself', () => {
    expect(place('http://127.0.0.1:9000/')?.addresses).toEqual(['127.0.0.1']);
    expect(place('http://127.8.9.1:9000/')?.addresses).toEqual(['127.8.9.1']);
    expect(place('https://[::1]:9000/')?.addresses).toEqual(['::1']);
  });

  test('https: means TLS, and the default ports are 80 and 443', () => {
    expect(place('https://localhost/cb')).toMatchObject({ secure: true, port: 443 });
    expect(place('http://localhost/cb')).toMatchObject({ secure: false, port: 80 });
  });

  test('the Host header may omit a default port', () => {
    expect(place('https://localhost/cb')?.hosts).toContain('localhost');
    expect(place('https://localhost/cb')?.hosts).toContain('localhost:443');
  });

  test('another host has no loopback endpoint', () => {
    expect(parseRedirectUri('https://desk.example.com/oauth/cb')).toEqual({
      origin: 'https://desk.example.com',
      path: '/oauth/cb',
      hostname: 'desk.example.com',
      loopback: null,
    });
  });
});

test.each([
  ['http://localhost:0/callback', 'Port 0'],
  ['http://localhost:8976/callback?a=1', 'query'],
  ['http://localhost:8976/callback?', 'query'],
  ['http://localhost:8976/callback#', 'fragment'],
  ['http://localhost:8976/call back', 'space'],
  ['http://ann:hunter2@localhost:8976/callback', 'user name or password'],
  ['http://desk.example.com/callback', 'Plain http:'],
  ['ftp://localhost/callback', 'ftp:'],
  ['localhost:8976/callback', 'localhost:'],
  ['/callback', 'not a complete URL'],
])('rejects %s as a redirect URI', (address, reason) => {
  let thrown: unknown;
  try {
    parseRedirectUri(address);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('redirect_uri'),
    reason: expect.stringContaining(reason),
  });
  expect(String(thrown)).not.toContain('hunter2');
});

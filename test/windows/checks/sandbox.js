import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { home, PROGRAM, startChannelctl } from './support.js';

const run = promisify(execFile);

/** The first line that matches, of a process that is still running. */
async function lineOf(stream, pattern) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk;
    const [line] = text.match(pattern) ?? [];
    if (line !== undefined) return line;
  }
  throw new Error(`ended after: ${text}`);
}

/** Sends a request and follows redirects, as a browser does that accepts the certificate. */
async function browse(address, form) {
  const url = new URL(address);
  const { request } = url.protocol === 'https:' ? https : http;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const options = form === undefined ? {} : { method: 'POST', headers };
  const sent = request(url, { ...options, rejectUnauthorized: false });
  sent.end(form?.toString());
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  const { location } = response.headers;
  return location === undefined ? body : browse(new URL(location, url));
}

/** Presses Allow on the sign-in page. */
async function allow(address) {
  const page = await browse(address);
  const form = new URLSearchParams({ decision: 'allow' });
  const hidden = /<input type="hidden" name="([^"]+)" value="([^"]*)"/g;
  for (const [, name, value] of page.matchAll(hidden)) {
    form.append(name, value.replaceAll('&amp;', '&'));
  }
  return browse(address, form);
}

test('the demo works: sign-in, Pages, menu, export, plan, apply', async () => {
  const demo = join(import.meta.dirname, '..', 'demo', 'run.js');
  const fetchWorks = ['--require', join(import.meta.dirname, 'fetch.cjs')];
  const { stdout } = await run(process.execPath, [...fetchWorks, demo, PROGRAM]);
  assert.match(stdout, /Done\. All files of the demo were deleted\./);
});

test('signs in to Instagram, whose redirect URI requires HTTPS', async () => {
  const sandbox = startChannelctl(['sandbox', 'start', '--port', '0', '--json']);
  try {
    const meta = JSON.parse(await lineOf(sandbox.stdout, /^\{.*\}$/m));
    const urls = Object.entries(meta).filter(([key]) => key.endsWith('_url'));
    const own = home('keychain', {
      ...Object.fromEntries(urls.map(([key, url]) => [`CHANNELCTL_${key.toUpperCase()}`, url])),
      APP_SECRET: meta.instagram_app_secret,
    });
    const app = [
      '--config',
      `app_id=${meta.instagram_app_id}`,
      '--config',
      'app_secret=env:APP_SECRET',
    ];
    await own.json(['integrations', 'set', 'instagram', ...app]);
    const connect = ['instagram', 'connect', '--no-browser', '--timeout', '40', '--json'];
    const connecting = startChannelctl(connect, { env: own.env });
    const ended = once(connecting, 'exit');
    await allow(await lineOf(connecting.stderr, /^https?:\/\/\S+$/m));
    assert.deepEqual(await ended, [0, null]);
    const [account] = await own.json(['accounts', 'list']);
    assert.equal(account.channel, 'instagram');
  } finally {
    sandbox.kill();
  }
});

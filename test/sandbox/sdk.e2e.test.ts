import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { loadOrCreateCertificate } from '../../src/shared/loopback/certificate.ts';
import { browserNote, hasChromium, openPage } from '../support/browser.ts';
import { temporaryFolder } from '../support/cli.ts';
import { get, SMALL_SEED, sandbox } from './support.ts';
import { endSignup, signupAddress } from './whatsapp-support.ts';

const SEED = `
apps:
  - id: "700"
    secret: app-secret-700
    name: Small Desk
    redirect_uris: [https://localhost:8976/callback]
    config_ids: ["55"]
whatsapp: { wabas: [{ id: "10", business_id: "9", numbers: [{ id: "11" }, { id: "12" }] }] }
`;

function messagesIn(page: string): unknown[] {
  const list = /for \(const message of (.+)\) window\.opener/.exec(page)?.[1] ?? '';
  return JSON.parse(list);
}

describe('the Embedded Signup window', () => {
  const number = { phone_number_id: '12', waba_id: '10', business_id: '9' };
  const onlyWaba = { waba_id: '10', business_id: '9' };
  const reported = {
    error_message: expect.any(String),
    error_id: expect.any(String),
    session_id: expect.any(String),
  };

  it.each([
    ['finish', 'FINISH', number, true],
    ['finish_only_waba', 'FINISH_ONLY_WABA', onlyWaba, true],
    ['finish_business_app', 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', onlyWaba, true],
    ['finish_wa_login_user', 'FINISH', { ...onlyWaba, is_wa_login_user: true }, true],
    ['cancel', 'CANCEL', { current_step: 'PHONE_NUMBER_SETUP' }, false],
    ['report_error', 'CANCEL', reported, false],
    ['fail', 'ERROR', reported, false],
  ])(
    'sends the result of %s as %s, as a string, then the code if there is one',
    async (decision, event, data, hasCode) => {
      const on = await sandbox(SEED);
      const [noise, text, end] = messagesIn(await endSignup(on, '12', decision));
      expect(noise).toMatch(/^cb=/);
      expect(JSON.parse(String(text))).toEqual({
        type: 'WA_EMBEDDED_SIGNUP',
        event,
        version: '3',
        data,
      });
      const code = hasCode ? expect.stringMatching(/^AQ/) : null;
      expect(end).toEqual({ sandboxLogin: { code } });
    },
  );

  it('offers every number by name', async () => {
    const on = await sandbox(SEED);
    const page = await (await fetch(signupAddress(on))).text();
    expect(page).toContain('<option value="11">Sandbox WABA, 11</option>');
    expect(page).toContain('<option value="12">');
  });

  it.each([
    ['an unknown app', { client_id: '1' }, 'Invalid App ID'],
    ['no configuration', { config_id: null }, 'config_id'],
    ['a configuration of another app', { config_id: '56' }, 'config_id'],
    ['an unsupported response type', { response_type: 'token' }, 'response_type'],
    ['no override of the response type', { override_default_response_type: null }, 'override'],
    ['a page on another domain', { origin: 'https://desk.example' }, 'Unknown host domain'],
    ['a page on plain http', { origin: 'http://localhost:8976' }, 'Unknown host domain'],
  ])('shows an error page for %s', async (_, changed, words) => {
    const on = await sandbox(SEED);
    const response = await fetch(signupAddress(on, changed));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(words);
  });
});

describe('the Embedded Signup window of the default app', () => {
  it.each([
    ['https://localhost:41234', 200],
    ['https://127.0.0.1:1', 200],
    ['https://desk.example', 400],
  ])('opened by a page at %s returns %i', async (origin, status) => {
    const on = await sandbox('{}');
    expect((await fetch(signupAddress(on, { origin }))).status).toBe(status);
  });
});

describe('the sandbox’s JavaScript SDK', () => {
  it('is served as a script at its own URL only', async () => {
    const on = await sandbox(SMALL_SEED);
    const response = await fetch(on.urls.facebook_sdk_url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect((await fetch(`${on.urls.facebook_sdk_url}/more`)).status).toBe(404);
  });

  const pageWith = (sdk: string) => `<!doctype html>
<button>Connect</button>
<script>
const heard = [];
window.addEventListener('message', (event) => {
  if (typeof event.data === 'string') heard.push([event.origin, event.data]);
});
window.fbAsyncInit = () => {
  FB.init({ appId: '700', autoLogAppEvents: true, xfbml: true, version: 'v26.0' });
  document.querySelector('button').onclick = () => FB.login((response) => heard.push(response), {
    config_id: '55',
    response_type: 'code',
    override_default_response_type: true,
    extras: { setup: {}, featureType: '', sessionInfoVersion: '3', version: 'v4' },
  });
  document.title = 'ready';
};
</script>
<script async src="${sdk}"></script>`;

  async function listening(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  async function secureDesk(): Promise<{ on: Sandbox; page: Page }> {
    const { pem } = await loadOrCreateCertificate(await temporaryFolder(), 'localhost', Date.now());
    let html = '';
    const server = createServer({ key: pem, cert: pem }, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    });
    const port = await listening(server);
    const on = await sandbox(SEED.replace('8976', String(port)));
    html = pageWith(on.urls.facebook_sdk_url);
    const page = await openPage({ ignoreHTTPSErrors: true });
    await page.goto(`https://localhost:${port}/`);
    await page.waitForFunction('document.title === "ready"');
    return { on, page };
  }

  const heard = (page: Page, count: number) =>
    page
      .waitForFunction(`heard.length >= ${count}`)
      .then(() => page.evaluate('heard') as Promise<unknown[]>);

  it.skipIf(!hasChromium)(
    `opens the window on a click and passes on its result${browserNote}`,
    async () => {
      const { on, page } = await secureDesk();
      const popup = page.waitForEvent('popup');
      await page.click('button');
      const signup = await popup;
      await signup.selectOption('select', '12');
      await signup.click('text=Finish');
      const { origin } = new URL(on.urls.facebook_url);
      const [, [from, text], response] = (await heard(page, 3)) as [
        unknown,
        [string, string],
        { status: string; authResponse: { code: string } },
      ];
      expect(from).toBe(origin);
      expect(JSON.parse(text)).toMatchObject({ event: 'FINISH', data: { phone_number_id: '12' } });
      expect(response.status).toBe('connected');
      const exchanged = await get(on, '/oauth/access_token', null, {
        client_id: '700',
        client_secret: 'app-secret-700',
        code: response.authResponse.code,
      });
      expect(exchanged.status).toBe(200);

      const second = page.waitForEvent('popup');
      await page.click('button');
      await (await second).close();
      expect((await heard(page, 4)).at(-1)).toEqual({ authResponse: null, status: 'unknown' });
    },
  );

  it.skipIf(!hasChromium)(
    `refuses to sign in from a page on plain http${browserNote}`,
    async () => {
      const on = await sandbox(SEED);
      const server = createHttpServer((_, response) => {
        const html = pageWith(on.urls.facebook_sdk_url);
        response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      });
      const port = await listening(server);
      const page = await openPage();
      await page.goto(`http://localhost:${port}/`);
      await page.waitForFunction('document.title === "ready"');
      const complaint = page.waitForEvent('console');
      await page.click('button');
      expect((await complaint).text()).toContain('http pages');
      expect(page.context().pages()).toHaveLength(1);
    },
  );
});

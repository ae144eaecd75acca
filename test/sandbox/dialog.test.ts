import { describe, expect, it } from 'vitest';
import {
  decide,
  dialogAddress,
  exchange,
  REDIRECT,
  SMALL_SEED,
  sandbox,
  signInCode,
} from './support.ts';

const LIVE_SEED = `
apps:
  - id: "700"
    name: Live Desk
    mode: live
    redirect_uris: [https://desk.example/callback, http://desk.example/callback]
    config_ids: ["55"]
`;

async function shown(address: string) {
  const response = await fetch(address, { redirect: 'manual' });
  return { status: response.status, headers: response.headers, page: await response.text() };
}

describe('the login dialog', () => {
  it('shows the app, the permissions and the signed-in user, and loads nothing from other origins', async () => {
    const running = await sandbox('{}');
    const { status, headers, page } = await shown(
      dialogAddress(running, { scope: 'pages_messaging' }),
    );
    expect(status).toBe(200);
    expect(page).toContain('Sandbox Desk is requesting access');
    expect(page).toContain('pages_messaging');
    expect(page).not.toContain('pages_show_list');
    expect(page).toContain('Robin Aldersey');
    expect(page).toMatch(/<button[^>]*>Allow<\/button>/);
    expect(page).toMatch(/<button[^>]*>Cancel<\/button>/);
    expect(page).not.toMatch(/(?:src|href)=|url\(|@import/);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('lets you choose a user if the seed has several', async () => {
    const running = await sandbox();
    const { page } = await shown(dialogAddress(running));
    expect(page).toMatch(/<select name="person">.*Ada Alder.*Bo Birch.*<\/select>/);
  });

  it('escapes names in HTML', async () => {
    const running = await sandbox('apps: [{ id: "7", name: "<b>Desk & Co</b>" }]');
    const { page } = await shown(dialogAddress(running));
    expect(page).toContain('&lt;b&gt;Desk &amp; Co&lt;/b&gt; is requesting access');
  });

  it('redirects with code and state, and appends #_=_ as Facebook does', async () => {
    const running = await sandbox();
    const response = await decide(dialogAddress(running, { state: 'a b&c' }), 'allow');
    const location = response.headers.get('location') ?? '';
    expect(response.status).toBe(302);
    expect(location.startsWith(`${REDIRECT}?code=`)).toBe(true);
    expect(new URL(location).searchParams.get('state')).toBe('a b&c');
    expect(new URL(location).hash).toBe('#_=_');
  });

  it('preserves the query of the redirect URI', async () => {
    const running = await sandbox();
    const redirect_uri = `${REDIRECT}?desk=a%20b`;
    const response = await decide(dialogAddress(running, { redirect_uri }), 'allow');
    expect(response.headers.get('location')).toMatch(
      /^http:\/\/localhost:8976\/callback\?desk=a%20b&code=AQ[\w-]+&state=state-1#_=_$/,
    );
  });

  it('redirects with an error when the user cancels', async () => {
    const running = await sandbox();
    const response = await decide(dialogAddress(running), 'cancel');
    expect(response.headers.get('location')).toBe(
      `${REDIRECT}?error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied&state=state-1#_=_`,
    );
  });

  it('accepts its form only once', async () => {
    const running = await sandbox();
    const address = dialogAddress(running);
    const page = await (await fetch(address)).text();
    const form_token = /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const press = () =>
      fetch(address, {
        method: 'POST',
        body: new URLSearchParams({ form_token, decision: 'allow' }),
        redirect: 'manual',
      });
    expect((await press()).status).toBe(302);
    expect((await press()).status).toBe(400);
  });

  it('rejects a form that no dialog rendered', async () => {
    const running = await sandbox();
    const response = await fetch(dialogAddress(running), {
      method: 'POST',
      body: new URLSearchParams({ form_token: 'guessed', decision: 'allow' }),
      redirect: 'manual',
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });
});

describe('an invalid request for the login dialog', () => {
  it.each([
    ['an unknown app', { client_id: '1' }, 'Invalid App ID'],
    ['no redirect URI', { redirect_uri: null }, 'redirect_uri'],
    ['an invalid redirect URI', { redirect_uri: 'callback' }, 'redirect_uri'],
    ['a redirect URI with a fragment', { redirect_uri: `${REDIRECT}#x` }, 'redirect_uri'],
    ['a redirect URI on another host', { redirect_uri: 'http://desk.example/' }, 'URL blocked'],
    ['unlisted HTTPS on localhost', { redirect_uri: 'https://localhost/' }, 'URL blocked'],
    ['an unsupported response type', { response_type: 'token' }, 'response_type'],
    ['neither scope nor config_id', { scope: null }, 'scope'],
    ['an unknown permission', { scope: 'pages_messaging,pages_read_minds' }, 'pages_read_minds'],
    ['no state', { state: null }, 'state'],
  ])('shows an error page instead of redirecting: %s', async (_, changed, words) => {
    const running = await sandbox();
    const { status, headers, page } = await shown(dialogAddress(running, changed));
    expect(status).toBe(400);
    expect(headers.get('location')).toBeNull();
    expect(page).toContain(words);
  });

  it('shows an error page if the version is malformed', async () => {
    const running = await sandbox();
    const address = dialogAddress(running).replace('/v26.0/', '/v26/');
    expect((await shown(address)).status).toBe(404);
  });
});

describe('a redirect URI', () => {
  it('can be any http://localhost URI for an app in development mode', async () => {
    const running = await sandbox();
    for (const redirect_uri of ['http://localhost/', 'http://localhost:1/deep/path?x=1']) {
      expect((await shown(dialogAddress(running, { redirect_uri }))).status).toBe(200);
    }
  });

  it('can be any loopback URI for the default app, and must match in the code exchange', async () => {
    const running = await sandbox('{}');
    const uris = ['https://localhost:41234/back', 'http://127.0.0.1:1/', 'https://[::1]:9/x?y=1'];
    for (const redirect_uri of uris) {
      const code = await signInCode(running, { redirect_uri });
      const other = await exchange(running, code, { redirect_uri: `${redirect_uri}&` });
      expect(other.body.error?.error_subcode).toBe(36008);
      expect((await exchange(running, code, { redirect_uri })).status).toBe(200);
    }
    for (const redirect_uri of ['https://desk.example/', 'loopback', 'https://localhost/#x']) {
      expect((await shown(dialogAddress(running, { redirect_uri }))).status).toBe(400);
    }
  });

  it('must match a listed URI exactly for a live app', async () => {
    const running = await sandbox(LIVE_SEED);
    const status = async (redirect_uri: string) =>
      (await shown(dialogAddress(running, { redirect_uri }))).status;
    expect(await status('https://desk.example/callback')).toBe(200);
    expect(await status('https://desk.example/callback/')).toBe(400);
    expect(await status('https://desk.example/callback?x=1')).toBe(400);
    expect(await status(REDIRECT)).toBe(400);
  });

  it('must be HTTPS for a live app, even if it is listed', async () => {
    const running = await sandbox(LIVE_SEED);
    const redirect_uri = 'http://desk.example/callback';
    expect((await shown(dialogAddress(running, { redirect_uri }))).status).toBe(400);
  });
});

function configured(config_id: string) {
  return { config_id, override_default_response_type: 'true', scope: null };
}

describe('a configuration of Facebook Login for Business', () => {
  it('must be listed if the app lists configurations', async () => {
    const running = await sandbox(LIVE_SEED);
    const status = async (config_id: string) => {
      const redirect_uri = 'https://desk.example/callback';
      const address = dialogAddress(running, { ...configured(config_id), redirect_uri });
      return (await shown(address)).status;
    };
    expect(await status('55')).toBe(200);
    expect(await status('56')).toBe(400);
  });

  it('can be any value if the app lists none', async () => {
    const running = await sandbox(SMALL_SEED);
    expect(await signInCode(running, configured('1'))).toMatch(/^AQ/);
  });

  it('must override the default response type', async () => {
    const running = await sandbox(SMALL_SEED);
    const parameters = { ...configured('1'), override_default_response_type: null };
    expect((await shown(dialogAddress(running, parameters))).status).toBe(400);
  });
});

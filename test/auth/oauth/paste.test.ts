import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { send, startSignIn } from './support.ts';

const CODE = `AQB${'-code'.repeat(30)}`;
const REMOTE = 'https://desk.example.com/oauth/callback';

describe.each([
  ['while the server listens', {}],
  ['with --manual', { manual: true }],
  ['for a redirect URI on another machine', { redirectUri: REMOTE }],
])('a paste %s', (_when, changes) => {
  test.each([
    ['the callback URL', 'REDIRECT?code=AQB-code&state=STATE'],
    ['the callback URL with its parameters in another order', 'REDIRECT?state=STATE&code=AQB-code'],
    [
      'the callback URL with the #_=_ that Facebook appends',
      'REDIRECT?code=AQB-code&state=STATE#_=_',
    ],
    ['the callback URL with the #_ that Instagram appends', 'REDIRECT?code=AQB-code&state=STATE#_'],
    ['the callback URL without its scheme', 'HOST/PATH?code=AQB-code&state=STATE'],
    ['the callback URL with spaces around it', '  REDIRECT?code=AQB-code&state=STATE \t'],
    ['the query', '?code=AQB-code&state=STATE'],
    ['the query without its question mark', 'state=STATE&code=AQB-code#_'],
    ['the callback URL in quotes', '"REDIRECT?code=AQB-code&state=STATE#_=_"'],
    ['the callback URL in single quotes', " 'REDIRECT?code=AQB-code&state=STATE' "],
    ['the callback URL in angle brackets', '<REDIRECT?code=AQB-code&state=STATE>'],
    ['the callback URL escaped for HTML', 'REDIRECT?code=AQB-code&amp;state=STATE'],
    [
      'the callback URL with invisible spaces',
      '\u200bREDIRECT?code=AQB-\u200bcode&state=STATE\u200b',
    ],
    ['the callback URL on two lines', 'REDIRECT?code=AQB-co\nde&state=STATE'],
    ['the callback URL on three lines', '"REDIRECT?code=AQB-code&st\n  ate=STA\n  TE"'],
    [
      'the callback URL after its first line',
      'REDIRECT?code=AQ\nREDIRECT?code=AQB-code&state=STATE',
    ],
    [
      'the callback URL without its scheme after its first line',
      'REDIRECT?code=AQ\nHOST/PATH?code=AQB-code&state=STATE',
    ],
    ['the callback URL after another word', 'hello\nREDIRECT?code=AQB-code&state=STATE'],
  ])('can be %s', async (_what, form) => {
    const { answer, input, state, parts } = await startSignIn(changes);
    const { host, pathname } = new URL(parts.redirectUri);
    input.paste('');
    const text = form
      .replaceAll('REDIRECT', parts.redirectUri)
      .replace('HOST/PATH', host + pathname)
      .replace('STATE', state)
      .replace('STA\n  TE', `${state.slice(0, 9)}\n  ${state.slice(9)}`);
    for (const line of text.split('\n')) input.paste(line);
    const { code, resultPageSent } = await answer;
    await resultPageSent;
    expect(code).toBe('AQB-code');
  });

  test.each([
    ['another URL', 'https://evil.example/callback?code=c&state=STATE', 'redirect URI'],
    ['another path', 'REDIRECT/?code=c&state=STATE', 'redirect URI'],
    ['the authorization URL', 'https://login.example/dialog?state=STATE', 'redirect URI'],
    ['a URL with another state', 'REDIRECT?code=c&state=wrong', 'state of a different'],
    ['a URL without state', 'REDIRECT?code=c', 'no state'],
    ['a query without state', '?code=c', 'no state'],
    ['a sentence', 'I pressed the button', /not a URL|neither a URL nor a code/],
  ])('of %s is rejected with a reason, and the sign-in continues', async (_what, form, reason) => {
    const { answer, input, said, state, parts } = await startSignIn(changes);
    input.paste(form.replace('REDIRECT', parts.redirectUri).replace('STATE', state));
    await vi.waitFor(() => expect(said.at(-1)).toMatch(reason));
    input.paste(`${parts.redirectUri}?code=AQB-code&state=${state}`);
    expect((await answer).code).toBe('AQB-code');
  });

  test('of only the first line of the URL is reported once, even if another paste follows', async () => {
    const { answer, input, said, state, parts } = await startSignIn(changes);
    const reports = () => said.filter((line) => line.includes('not the callback URL')).length;
    input.paste(`${parts.redirectUri}?code=AQB`);
    await vi.waitFor(() => expect(reports()).toBe(1));
    input.paste(`${parts.redirectUri}?code=AQC`);
    input.paste(`${parts.redirectUri}?code=AQB-code&state=${state}`);
    expect((await answer).code).toBe('AQB-code');
    expect(reports()).toBe(2);
  });

  test('of a URL is not reported while each of its lines follows soon', async () => {
    const { answer, input, said, state, parts } = await startSignIn(changes);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    for (const line of [`${parts.redirectUri}?code=AQB-`, 'code&sta']) {
      input.paste(line);
      await setImmediate();
      vi.advanceTimersByTime(150);
    }
    expect(said.join('\n')).not.toContain('not the callback URL');
    input.paste(`te=${state}`);
    expect((await answer).code).toBe('AQB-code');
  });

  test('of a denied sign-in ends the sign-in with not_allowed', async () => {
    const { answer, input, state, parts } = await startSignIn(changes);
    input.paste(`${parts.redirectUri}?error=access_denied&error_code=200&state=${state}#_=_`);
    await expect(answer).rejects.toMatchObject({ kind: 'not_allowed' });
  });
});

describe.each([
  ['with --manual', { manual: true }],
  ['for a redirect URI on another machine', { redirectUri: REMOTE }],
])('a bare code %s', (_when, changes) => {
  test.each([
    ['unchanged', CODE],
    ['with the #_ that Instagram appends', `${CODE}#_`],
    ['in quotes', `"${CODE}"`],
    ['after another word', `hello\n${CODE}`],
  ])('is accepted %s', async (_what, pasted) => {
    const { answer, input } = await startSignIn(changes);
    for (const line of pasted.split('\n')) input.paste(line);
    expect((await answer).code).toBe(CODE);
  });
});

describe('while the server listens', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each(['yes', CODE, 'channelctl'])(
    'the word %s does not end the sign-in, because it has no state',
    async (word) => {
      const { answer, input, said, redirectUri, state } = await startSignIn();
      input.paste(word);
      await vi.waitFor(() => expect(said.at(-1)).toContain('It is not a URL.'));
      await send(`${redirectUri}?code=AQB-code&state=${state}`);
      expect((await answer).code).toBe('AQB-code');
    },
  );

  test('the URL may be pasted as the browser shows it after switching to HTTPS', async () => {
    const { answer, input, redirectUri, state } = await startSignIn();
    input.paste(`${redirectUri.replace('http:', 'https:')}?code=AQB-code&state=${state}`);
    expect((await answer).code).toBe('AQB-code');
  });

  test('the end of the input changes nothing', async () => {
    const { answer, input, redirectUri, state } = await startSignIn();
    input.paste('yes');
    input.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send(`${redirectUri}?code=AQB-code&state=${state}`);
    expect((await answer).code).toBe('AQB-code');
  });

  test('prints how to paste, once after 30 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { said } = await startSignIn({ timeoutSeconds: 300 });
    const before = said.length;
    vi.advanceTimersByTime(29_900);
    expect(said.length).toBe(before);
    vi.advanceTimersByTime(200_000);
    expect(said.slice(before)).toEqual([expect.stringMatching(/No callback yet.*paste/)]);
  });

  test('suggests --manual if there is no terminal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { said } = await startSignIn({ timeoutSeconds: 300, pastedLines: () => null });
    vi.advanceTimersByTime(31_000);
    expect(said.at(-1)).toContain('--manual');
  });
});

describe('with --manual', () => {
  test('prints the URL and instructions, without listening or opening a browser', async () => {
    const { said, opened, redirectUri, state, parts } = await startSignIn({
      manual: true,
      openBrowser: true,
    });
    await expect(send(redirectUri)).rejects.toThrow('ECONNREFUSED');
    expect(opened).toEqual([]);
    expect(said).toContain(parts.authorizationUrl(state));
    expect(said.join('\n')).toContain(`begins with ${redirectUri}`);
  });

  test('rejects empty input as a usage error', async () => {
    const { answer, input } = await startSignIn({ manual: true });
    input.end();
    await expect(answer).rejects.toMatchObject({
      kind: 'usage',
      reason: 'The input ended before a URL was pasted.',
      hint: expect.stringContaining('--manual'),
    });
  });

  test('reports a wrong state when the input ends', async () => {
    const { answer, input, redirectUri } = await startSignIn({ manual: true });
    input.paste(`${redirectUri}?code=c&state=wrong`);
    input.end();
    await expect(answer).rejects.toMatchObject({
      kind: 'usage',
      reason: 'It contains the state of a different sign-in.',
    });
  });

  test('the timeout applies', async () => {
    const { answer } = await startSignIn({ manual: true, timeoutSeconds: 0.05 });
    await expect(answer).rejects.toMatchObject({
      kind: 'graph',
      hint: 'Run the command again with a longer --timeout <seconds>, or pass --code from a sign-in elsewhere.',
    });
  });

  test('an interruption stops reading the input', async () => {
    const ends: AbortSignal[] = [];
    const { answer, interrupt } = await startSignIn({
      manual: true,
      async *pastedLines(signal) {
        ends.push(signal);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    interrupt.abort();
    await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
    expect(ends.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

test('explains the paste and opens the browser if the redirect URI is on another machine', async () => {
  const { said, opened, state, parts } = await startSignIn({
    redirectUri: REMOTE,
    openBrowser: true,
  });
  expect(said[0]).toBe(
    'redirect_uri points to desk.example.com, where channelctl cannot listen for the callback.',
  );
  expect(opened).toEqual([parts.authorizationUrl(state)]);
});

const settings = JSON.parse(document.getElementById('settings').textContent);

/** Meta has several FINISH events and adds new ones. */
const EVENT = /^(FINISH.*|CANCEL|ERROR)$/;

/**
 * How long to wait for Meta's message after FB.login calls back. A code expires after 30 seconds.
 */
const MESSAGE_TIMEOUT_MS = { withCode: 12_000, withoutCode: 2_000 };

const TEXTS = {
  loading: ['Connect WhatsApp', 'Loading Facebook’s script…'],
  ready: [
    'Connect WhatsApp',
    'Facebook opens in a separate window. Sign in there and choose your business and phone number. channelctl then continues here.',
  ],
  open: [
    'Continue in the Facebook window',
    'If you cannot see the window, it may be behind this one.',
  ],
  working: ['Connecting…', 'channelctl is connecting your number. Keep this tab open.'],
  unreachable: [
    'Could not load Facebook’s script',
    `The browser could not load it from ${new URL(settings.sdkUrl).host}. Turn off tracking protection and ad blockers for this page, check the network, and try again.`,
  ],
  refused: [
    'Could not open the Facebook window',
    'Facebook’s script reported the error below. Fix it in the app’s settings, and try again.',
  ],
  stale: [
    'This page belongs to an earlier sign-up',
    'Its result was not used. channelctl is waiting for a newer sign-up, which you can start here.',
  ],
  complete: ['This sign-up is already complete', 'Return to the terminal. You can close this tab.'],
  lost: [
    'channelctl is no longer running',
    'It stopped before the result could be shown here. Return to the terminal to see what happened.',
  ],
};

let code = null;
let message = null;
let isLoginAnswered = false;
let isPosted = false;
let messageTimer;

const element = (id) => document.getElementById(id);

function show(state, [title, text] = TEXTS[state]) {
  document.body.dataset.state = state;
  document.title = `${title} · channelctl`;
  element('title').textContent = title;
  element('text').textContent = text;
  element('go').disabled = state !== 'ready';
}

function showQuote(text) {
  element('quote').textContent = text;
  element('quote').hidden = false;
}

function showResult({ tone, title, text, rows, quote }) {
  show(tone, [title, text]);
  for (const { name, value } of rows) {
    for (const [tag, content] of [
      ['dt', name],
      ['dd', value],
    ]) {
      const cell = document.createElement(tag);
      cell.textContent = content;
      element('rows').append(cell);
    }
  }
  element('rows').hidden = rows.length === 0;
  if (quote !== null) showQuote(quote);
  element('title').focus();
}

async function post() {
  if (isPosted) return;
  isPosted = true;
  clearTimeout(messageTimer);
  if (code !== null) show('working');
  try {
    const response = await fetch(settings.resultPath, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        csrfToken: settings.csrfToken,
        code,
        message: message?.text ?? null,
      }),
    });
    const state = { 403: 'stale', 410: 'complete' }[response.status];
    if (state !== undefined) {
      show(state);
      element('title').focus();
      return;
    }
    if (!response.ok) throw new Error(`channelctl returned HTTP ${response.status}`);
    showResult(await response.json());
  } catch {
    show('lost');
    element('title').focus();
  }
}

/** The code and the message arrive in either order; after a cancellation, one may never arrive. */
function postIfComplete() {
  const isFinished = message?.event.startsWith('FINISH') === true;
  if ((message !== null && !isFinished) || (isFinished && code !== null)) post();
  else if (isLoginAnswered) {
    const timeout = MESSAGE_TIMEOUT_MS[code === null ? 'withoutCode' : 'withCode'];
    messageTimer ??= setTimeout(post, timeout);
  }
}

function parseMessage(text) {
  try {
    const { type, event } = JSON.parse(text);
    return type === 'WA_EMBEDDED_SIGNUP' && EVENT.test(event) ? { event, text } : null;
  } catch {
    return null;
  }
}

/** Meta uses www.facebook.com, web.facebook.com and others. */
function isFromFacebook(origin) {
  if (settings.origin !== null) return origin === settings.origin;
  return /^https:\/\/(?:[a-z0-9-]+\.)*facebook\.com$/.test(origin);
}

window.addEventListener('message', ({ origin, data }) => {
  if (!isFromFacebook(origin) || typeof data !== 'string') return;
  const parsed = parseMessage(data);
  if (parsed === null) return;
  message = parsed;
  postIfComplete();
});

function openFacebook() {
  show('open');
  try {
    // FB.login does not accept an async callback.
    window.FB.login((response) => {
      code = response?.authResponse?.code ?? null;
      isLoginAnswered = true;
      postIfComplete();
    }, settings.login);
  } catch (error) {
    show('refused');
    showQuote(String(error?.message ?? error));
  }
}

let isSdkInitialized = false;

function initSdk() {
  if (isSdkInitialized) return;
  isSdkInitialized = true;
  window.FB.init({
    appId: settings.appId,
    autoLogAppEvents: true,
    xfbml: true,
    version: settings.version,
  });
  show('ready');
}

element('go').addEventListener('click', openFacebook);
element('again').addEventListener('click', () => location.reload());

window.fbAsyncInit = initSdk;
const sdk = document.createElement('script');
sdk.src = settings.sdkUrl;
sdk.async = true;
sdk.addEventListener('error', () => show('unreachable'));
// Facebook's SDK calls fbAsyncInit, possibly after loading more scripts; until then, FB.__buffer
// exists. An SDK without FB.__buffer is ready as soon as it has loaded.
sdk.addEventListener('load', () => {
  if (window.FB?.init !== undefined && window.FB.__buffer === undefined) initSdk();
});
show('loading');
document.head.append(sdk);

// The script of the sign-up page. It runs in the browser: it loads Facebook's script, opens Embedded
// Signup by a click, and hands over to channelctl what comes back.

const settings = JSON.parse(document.getElementById('settings').textContent);

/** Meta has several events that begin with FINISH, and adds to them. */
const EVENT = /^(FINISH\w*|CANCEL|ERROR)$/;

/** How long an answer of FB.login waits for its message: with a code, which lives 30 seconds, or without. */
const LAG_MS = { code: 12_000, none: 2_000 };

const TEXTS = {
  loading: ['Connect WhatsApp', 'Loading Facebook’s script…'],
  ready: [
    'Connect WhatsApp',
    'Facebook opens in a window of its own. Sign in there and choose your business and its number; then everything goes on here.',
  ],
  open: [
    'Go on at Facebook',
    'Facebook’s window is open. If you can’t see it, look behind this one.',
  ],
  working: [
    'Connecting…',
    'Facebook is done, and channelctl is connecting your number. Keep this tab open.',
  ],
  unreachable: [
    'Facebook’s script didn’t load',
    `This browser got nothing from ${new URL(settings.sdkUrl).host}. Turn off tracking protection and ad blockers for this page, check the network, and try again.`,
  ],
  refused: [
    'Facebook’s window didn’t open',
    'Facebook’s script refused. It says why below; correct that in the app’s settings, and try again.',
  ],
  lost: [
    'channelctl is no longer there',
    'It was ended, or waited too long, before it could say what became of this. Go back to the terminal and look.',
  ],
};

let code = null;
let message = null;
let isAnswered = false;
let isHandedOver = false;
let lag;

const part = (id) => document.getElementById(id);

function show(state, [title, text] = TEXTS[state]) {
  document.body.dataset.state = state;
  document.title = `${title} · channelctl`;
  part('title').textContent = title;
  part('text').textContent = text;
  part('go').disabled = state !== 'ready';
}

function quote(text) {
  part('quote').textContent = text;
  part('quote').hidden = false;
}

function showOutcome({ tone, title, text, rows, quote: quoted }) {
  show(tone, [title, text]);
  for (const { name, value } of rows) {
    for (const [tag, content] of [
      ['dt', name],
      ['dd', value],
    ]) {
      const element = document.createElement(tag);
      element.textContent = content;
      part('rows').append(element);
    }
  }
  part('rows').hidden = rows.length === 0;
  if (quoted !== null) quote(quoted);
  part('title').focus();
}

async function handOver() {
  if (isHandedOver) return;
  isHandedOver = true;
  clearTimeout(lag);
  if (code !== null) show('working');
  try {
    const response = await fetch(settings.answerPath, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: settings.token, code, message: message?.text ?? null }),
    });
    if (!response.ok) throw new Error(`channelctl answered ${response.status}`);
    showOutcome(await response.json());
  } catch {
    show('lost');
    part('title').focus();
  }
}

/** Code and message come in either order, and after a cancellation one of them may never come. */
function proceed() {
  const isFinished = message?.event.startsWith('FINISH') === true;
  if ((message !== null && !isFinished) || (isFinished && code !== null)) handOver();
  else if (isAnswered) lag ??= setTimeout(handOver, LAG_MS[code === null ? 'none' : 'code']);
}

function readMessage(text) {
  try {
    const { type, event } = JSON.parse(text);
    return type === 'WA_EMBEDDED_SIGNUP' && EVENT.test(event) ? { event, text } : null;
  } catch {
    return null;
  }
}

window.addEventListener('message', ({ origin, data }) => {
  if (!settings.origins.includes(origin) || typeof data !== 'string') return;
  const found = readMessage(data);
  if (found === null) return;
  message = found;
  proceed();
});

function openFacebook() {
  show('open');
  try {
    // FB.login refuses an async function as its callback.
    window.FB.login((response) => {
      code = response?.authResponse?.code ?? null;
      isAnswered = true;
      proceed();
    }, settings.login);
  } catch (error) {
    show('refused');
    quote(String(error?.message ?? error));
  }
}

let isReady = false;

function start() {
  if (isReady) return;
  isReady = true;
  window.FB.init({
    appId: settings.appId,
    autoLogAppEvents: true,
    xfbml: true,
    version: settings.version,
  });
  show('ready');
}

part('go').addEventListener('click', openFacebook);
part('again').addEventListener('click', () => location.reload());

window.fbAsyncInit = start;
const sdk = document.createElement('script');
sdk.src = settings.sdkUrl;
sdk.async = true;
sdk.addEventListener('error', () => show('unreachable'));
// Facebook's own script calls fbAsyncInit, perhaps after it has loaded more. One that does not has
// all that it needs by now.
sdk.addEventListener('load', () => {
  if (window.FB?.init !== undefined && window.FB.__buffer === undefined) start();
});
show('loading');
document.head.append(sdk);

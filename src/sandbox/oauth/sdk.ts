import { type HttpReply, jsonReply, type Router } from '../http/http.ts';

/**
 * A script that imitates `FB.init` and `FB.login` of Facebook's JavaScript SDK. Like the SDK, it
 * calls `window.fbAsyncInit` when it is ready, and does not sign in from a page without HTTPS.
 */
const SCRIPT = `(() => {
  'use strict';
  const { origin } = new URL(document.currentScript.src);
  let settings = null;

  function init(options) {
    settings = options;
  }

  function login(callback, options = {}) {
    if (location.protocol !== 'https:') {
      console.error('The method FB.login can no longer be called from http pages.');
      return;
    }
    if (settings === null) {
      console.error('FB.login() called before FB.init().');
      return;
    }
    const { extras, ...query } = options;
    const url = new URL('/facebook/' + settings.version + '/dialog/embedded_signup', origin);
    url.search = new URLSearchParams({
      ...query,
      extras: JSON.stringify(extras ?? {}),
      client_id: settings.appId,
      origin: location.origin,
    });
    const popup = window.open(url, 'embedded_signup', 'popup,width=600,height=700');
    const finish = (code) => {
      window.removeEventListener('message', onMessage);
      clearInterval(watch);
      if (code === null) callback({ authResponse: null, status: 'unknown' });
      else callback({ authResponse: { code }, status: 'connected' });
    };
    const onMessage = (event) => {
      const isOurs = event.origin === origin && event.source === popup;
      if (isOurs && event.data?.sandboxLogin) finish(event.data.sandboxLogin.code);
    };
    // A closed or blocked window sends no message, but the message of one that just closed may
    // still arrive.
    let closedFor = 0;
    const watch = setInterval(() => {
      closedFor = popup === null || popup.closed ? closedFor + 1 : 0;
      if (closedFor > 2) finish(null);
    }, 100);
    window.addEventListener('message', onMessage);
  }

  window.FB = { init, login };
  setTimeout(() => window.fbAsyncInit?.());
})();
`;

export function createSdk(): Router {
  return (request) => ({
    operation: null,
    run: () => (request.path === '/' && request.method === 'GET' ? script() : missing()),
  });
}

function script(): HttpReply {
  const headers = { 'Content-Type': 'text/javascript; charset=UTF-8' };
  return { status: 200, headers, body: SCRIPT };
}

function missing(): HttpReply {
  return jsonReply(404, { error: 'No such path' });
}

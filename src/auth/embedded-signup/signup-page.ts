import type { Json } from '../../shared/json.ts';
import type { Page } from '../http.ts';
import { hashOf, MARKS, pageHtml, TERMINAL } from '../page-shell.ts';
import SCRIPT from './signup-page.client.js';
import { SIGN_UP_STYLE } from './signup-style.ts';

/** Where Facebook's script is, and where its messages come from, unless told otherwise. */
const META_SDK = 'https://connect.facebook.net';
const META = ['https://www.facebook.com', 'https://web.facebook.com'];

interface Parts {
  appId: string;
  configId: string;
  graphVersion: string;
  extras: Json;
  sdkUrl: string;
  facebookUrl: string;
  /** Where the page posts its answer. */
  answerPath: string;
  /** What its answer has to carry. */
  token: string;
  /** What marks its own script; new for each time that the page is served. */
  nonce: string;
}

/**
 * The page that runs Embedded Signup. What `FB.init` and `FB.login` are called with, and whose
 * messages are believed, is decided here.
 *
 * Source: Meta, "WhatsApp Embedded Signup, implementation".
 */
export function signUpPage(parts: Parts): Page {
  const facebook = new URL(parts.facebookUrl).origin;
  const settings = {
    sdkUrl: parts.sdkUrl,
    appId: parts.appId,
    version: parts.graphVersion,
    login: {
      config_id: parts.configId,
      response_type: 'code',
      override_default_response_type: true,
      extras: parts.extras,
    },
    origins: META.includes(facebook) ? META : [facebook],
    answerPath: parts.answerPath,
    token: parts.token,
  };
  // In a script element no entity is read, and `</script>` would end it.
  const json = JSON.stringify(settings).replaceAll('<', '\\u003c');
  const head = `
<script type="application/json" id="settings">${json}</script>
<script type="module" nonce="${parts.nonce}">
${SCRIPT}</script>`;
  const html = pageHtml({ title: 'Connect WhatsApp', style: SIGN_UP_STYLE, head, main: MAIN });
  return { html, policy: policyFor(parts, facebook) };
}

const MAIN = `<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
<path class="start" d="M8.7 18.2 5.4 19l.8-3.3a7 7 0 1 1 2.5 2.5ZM9.3 12h.01M12 12h.01M14.7 12h.01"/>
<path class="turn" d="M12 6.5a5.5 5.5 0 1 0 5.5 5.5"/>
<g class="good-mark">${MARKS.good}</g><g class="bad-mark">${MARKS.bad}</g>
</svg>
<div role="status"><h1 id="title" tabindex="-1">Connect WhatsApp</h1>
<p id="text"></p></div>
<noscript><p>This page needs JavaScript, for Facebook’s sign-up does.</p></noscript>
<blockquote id="quote" hidden></blockquote>
<dl id="rows" hidden></dl>
<button id="go" type="button" disabled>Continue with Facebook</button>
<button id="again" type="button">Try again</button>
${TERMINAL}
<div id="fb-root"></div>`;

/**
 * Facebook's script may load its other half, call Facebook, and keep frames and counting pixels
 * there. Where it comes from another place, so does the rest.
 */
function policyFor({ sdkUrl, nonce }: Parts, facebook: string): string {
  const sdk = new URL(sdkUrl).origin;
  const scripts = sdk === META_SDK ? 'https://*.facebook.net' : sdk;
  const servers = META.includes(facebook) ? 'https://*.facebook.com' : facebook;
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${scripts}`,
    `style-src ${hashOf(SIGN_UP_STYLE)}`,
    `connect-src 'self' ${servers}`,
    `frame-src ${servers}`,
    `img-src data: ${servers}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

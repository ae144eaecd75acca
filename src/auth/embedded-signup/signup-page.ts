import type { Json } from '../../shared/json.ts';
import { cspHash, type HtmlPage, ICONS, pageHtml, TERMINAL_HTML } from '../page.ts';
import { SIGNUP_CSS } from './signup-css.ts';
import CLIENT_SCRIPT from './signup-page.client.js';

const META_SDK_ORIGIN = 'https://connect.facebook.net';
const FACEBOOK_ORIGIN = /^https:\/\/(?:[a-z0-9-]+\.)*facebook\.com$/;

interface SignupPageOptions {
  appId: string;
  configId: string;
  graphVersion: string;
  extras: Json;
  sdkUrl: string;
  facebookUrl: string;
  resultPath: string;
  csrfToken: string;
  nonce: string;
}

/** Source: Meta, "WhatsApp Embedded Signup, implementation". */
export function signupPage(options: SignupPageOptions): HtmlPage {
  const facebookOrigin = new URL(options.facebookUrl).origin;
  const settings = {
    sdkUrl: options.sdkUrl,
    appId: options.appId,
    version: options.graphVersion,
    login: {
      config_id: options.configId,
      response_type: 'code',
      override_default_response_type: true,
      extras: options.extras,
    },
    // Null accepts messages from facebook.com and its subdomains.
    origin: FACEBOOK_ORIGIN.test(facebookOrigin) ? null : facebookOrigin,
    resultPath: options.resultPath,
    csrfToken: options.csrfToken,
  };
  // `</script>` would end the element, and HTML entities are not decoded inside it.
  const json = JSON.stringify(settings).replaceAll('<', '\\u003c');
  const head = `
<script type="application/json" id="settings">${json}</script>
<script type="module" nonce="${options.nonce}">
${CLIENT_SCRIPT}</script>`;
  return {
    html: pageHtml({ title: 'Connect WhatsApp', css: SIGNUP_CSS, head, main: MAIN_HTML }),
    contentSecurityPolicy: contentSecurityPolicy(options, facebookOrigin),
  };
}

const MAIN_HTML = `<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
<path class="start" d="M8.7 18.2 5.4 19l.8-3.3a7 7 0 1 1 2.5 2.5ZM9.3 12h.01M12 12h.01M14.7 12h.01"/>
<path class="turn" d="M12 6.5a5.5 5.5 0 1 0 5.5 5.5"/>
<g class="good-mark">${ICONS.good}</g><g class="bad-mark">${ICONS.bad}</g>
</svg>
<div role="status"><h1 id="title" tabindex="-1">Connect WhatsApp</h1>
<p id="text"></p></div>
<noscript><p>This page requires JavaScript.</p></noscript>
<blockquote id="quote" hidden></blockquote>
<dl id="rows" hidden></dl>
<button id="go" type="button" disabled>Continue with Facebook</button>
<button id="again" type="button">Try again</button>
${TERMINAL_HTML}
<div id="fb-root"></div>`;

/**
 * Allows Facebook's SDK to load further scripts, frames, requests and tracking pixels from
 * Facebook. If an origin of Facebook is replaced, only the replacement is allowed.
 */
function contentSecurityPolicy(
  { sdkUrl, nonce }: SignupPageOptions,
  facebookOrigin: string,
): string {
  const sdkOrigin = new URL(sdkUrl).origin;
  const scripts = sdkOrigin === META_SDK_ORIGIN ? 'https://*.facebook.net' : sdkOrigin;
  const servers = FACEBOOK_ORIGIN.test(facebookOrigin) ? 'https://*.facebook.com' : facebookOrigin;
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${scripts}`,
    `style-src ${cspHash(SIGNUP_CSS)}`,
    `connect-src 'self' ${servers}`,
    `frame-src ${servers}`,
    `img-src data: ${servers}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

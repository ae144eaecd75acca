import type { HtmlPage } from '../http.ts';
import {
  BASE_CSS,
  cspHash,
  escapeHtml,
  ICONS,
  pageHtml,
  type ResultView,
  TERMINAL_HTML,
} from '../page.ts';
import type { AuthorizationResponse } from './authorization.ts';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src ${cspHash(BASE_CSS)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function resultPage(response: AuthorizationResponse, provider: string): HtmlPage {
  const { tone, title, text, quote } = resultView(response, provider);
  const blockquote = quote === null ? '' : `\n<blockquote>${escapeHtml(quote)}</blockquote>`;
  const main = `<svg class="mark ${tone}" viewBox="0 0 24 24" aria-hidden="true">${ICONS[tone]}</svg>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>${blockquote}
${TERMINAL_HTML}`;
  return {
    html: pageHtml({ title, css: BASE_CSS, main }),
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
  };
}

function resultView(response: AuthorizationResponse, provider: string): ResultView {
  const close = 'You can close this tab.';
  if (response.kind === 'code') {
    const text = `Return to the terminal, where channelctl continues. ${close}`;
    return { tone: 'good', title: `Signed in to ${provider}`, text, quote: null };
  }
  const text = `Nothing was connected. Return to the terminal for the next step. ${close}`;
  return response.kind === 'denied'
    ? { tone: 'bad', title: `${provider} denied access`, text, quote: null }
    : {
        tone: 'bad',
        title: `${provider} sign-in failed`,
        text,
        quote: response.description,
      };
}

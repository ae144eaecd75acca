import type { Page } from '../http.ts';
import { escapeHtml, hashOf, MARKS, pageHtml, STYLE, TERMINAL } from '../page-shell.ts';
import type { Callback } from './callback.ts';

interface Words {
  tone: 'good' | 'bad';
  title: string;
  text: string;
  /** What the provider said, word by word. */
  quote: string | null;
}

/** Nothing but this page's own style. */
const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page that tells a person in the browser how the sign-in ended. It loads and runs nothing. */
export function resultPage(callback: Callback, provider: string): Page {
  const { tone, title, text, quote } = wordsFor(callback, provider);
  const quoted = quote === null ? '' : `\n<blockquote>${escapeHtml(quote)}</blockquote>`;
  const main = `<svg class="mark ${tone}" viewBox="0 0 24 24" aria-hidden="true">${MARKS[tone]}</svg>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>${quoted}
${TERMINAL}`;
  return { html: pageHtml({ title, style: STYLE, main }), policy: POLICY };
}

function wordsFor(callback: Callback, provider: string): Words {
  const close = 'You can close this tab.';
  if (callback.kind === 'code') {
    const text = `Go back to the terminal: channelctl goes on there. ${close}`;
    return { tone: 'good', title: `Signed in at ${provider}`, text, quote: null };
  }
  const text = `Nothing was connected. Go back to the terminal, which says what to do next. ${close}`;
  return callback.kind === 'refused'
    ? { tone: 'bad', title: `You refused the sign-in at ${provider}`, text, quote: null }
    : {
        tone: 'bad',
        title: `The sign-in at ${provider} failed`,
        text,
        quote: callback.description,
      };
}

import { createHash } from 'node:crypto';

export const ICONS = {
  good: '<path d="m7.5 12.4 3.1 3.1 6-6.6"/>',
  bad: '<path d="m8.6 8.6 6.8 6.8m0-6.8-6.8 6.8"/>',
};

export const TERMINAL_HTML = `<div class="terminal" aria-hidden="true"><span class="prompt">$</span> channelctl <span class="caret"></span></div>`;

export const BASE_CSS = `
:root {
  color-scheme: light dark;
  --ground: #eef1f6; --glow: #dde7fb; --card: #ffffff; --edge: #d9dfe9;
  --ink: #16202e; --soft: #56637a; --good: #0f7a4f; --good-wash: #dff5ea;
  --bad: #b3372f; --bad-wash: #fce8e6; --term: #141b26; --term-ink: #dbe4f2; --term-soft: #8494ad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1219; --glow: #16233a; --card: #161d28; --edge: #283243;
    --ink: #eaf0f9; --soft: #a2afc4; --good: #57d39b; --good-wash: #12372a;
    --bad: #ff9089; --bad-wash: #43211f; --term: #0b1017; --term-ink: #dbe4f2; --term-soft: #8494ad;
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; display: grid; grid-template-columns: minmax(0, 29rem); place-content: center;
  padding: 2rem 1.25rem;
  background: radial-gradient(60rem 34rem at 50% 18%, var(--glow), transparent) var(--ground);
  color: var(--ink); font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", sans-serif;
}
main {
  padding: 2.75rem 2.5rem 2.5rem; text-align: center;
  background: var(--card); border: 1px solid var(--edge); border-radius: 1.25rem;
  box-shadow: 0 1px 2px rgb(10 20 40 / .06), 0 18px 48px -12px rgb(10 20 40 / .18);
}
.mark {
  width: 4.5rem; height: 4.5rem; padding: .25rem; border-radius: 50%; fill: none;
  stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; stroke: currentColor;
}
.good { color: var(--good); background: var(--good-wash); }
.bad { color: var(--bad); background: var(--bad-wash); }
h1, p { overflow-wrap: break-word; }
h1 { margin: 1.25rem 0 .5rem; font-size: 1.625rem; line-height: 1.25; letter-spacing: -.015em; text-wrap: balance; }
p { color: var(--soft); text-wrap: balance; }
blockquote {
  margin-top: 1.25rem; padding: .75rem 1rem; text-align: left; overflow-wrap: anywhere;
  border-left: 3px solid var(--bad); border-radius: .375rem; background: var(--bad-wash);
  color: var(--ink); font-size: .9375rem;
}
.terminal {
  display: flex; align-items: center; gap: .6rem; margin-top: 1.75rem; padding: .8rem 1rem;
  border-radius: .625rem; background: var(--term); color: var(--term-ink); text-align: left;
  font: .9375rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
.prompt { color: var(--term-soft); }
.caret { width: .55rem; height: 1.1rem; background: var(--term-ink); animation: blink 1.2s steps(1) infinite; }
@keyframes blink { 50% { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .caret { animation: none; } }
@media (max-width: 26rem) { main { padding: 2rem 1.5rem 1.75rem; } }
`;

export interface HtmlPage {
  html: string;
  contentSecurityPolicy: string;
}

export interface ResultView {
  tone: 'good' | 'bad';
  title: string;
  text: string;
  quote: string | null;
}

interface PageParts {
  title: string;
  css: string;
  head?: string;
  main: string;
}

export function pageHtml({ title, css, head = '', main }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} · channelctl</title>
<link rel="icon" href="data:,">
<style>${css}</style>${head}
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
}

const MESSAGE_POLICY = [
  "default-src 'none'",
  `style-src ${cspHash(BASE_CSS)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Returns a page without scripts that shows a result or an explanation. */
export function messagePage({ tone, title, text, quote }: ResultView): HtmlPage {
  const blockquote = quote === null ? '' : `\n<blockquote>${escapeHtml(quote)}</blockquote>`;
  const main = `<svg class="mark ${tone}" viewBox="0 0 24 24" aria-hidden="true">${ICONS[tone]}</svg>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>${blockquote}
${TERMINAL_HTML}`;
  return {
    html: pageHtml({ title, css: BASE_CSS, main }),
    contentSecurityPolicy: MESSAGE_POLICY,
  };
}

export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

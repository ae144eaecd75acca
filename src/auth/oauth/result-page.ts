import { type HtmlPage, messagePage, type ResultView } from '../page.ts';
import type { AuthorizationResponse } from './authorization.ts';

export function resultPage(response: AuthorizationResponse, provider: string): HtmlPage {
  return messagePage(resultView(response, provider));
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

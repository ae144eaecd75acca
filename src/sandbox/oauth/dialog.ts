import { type HttpReply, type HttpRequest, htmlReply, type Router } from '../http/http.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { errorPage } from './html.ts';

/** Why a dialog shows an error page. Meta never redirects with such a fault. */
export class DialogError extends Error {}

/** A page that asks a person for consent, and takes the form that comes back from it. */
export interface DialogDefinition<Asked> {
  path: RegExp;
  /**
   * Reads what is asked for.
   *
   * @throws DialogError where it can't be asked
   */
  ask(query: URLSearchParams): Asked;
  /** @param formToken what the form must hold, as `form_token` */
  show(asked: Asked, formToken: string): string;
  /** @throws DialogError where the form is not right */
  decide(asked: Asked, form: URLSearchParams): HttpReply;
}

export interface Dialog {
  path: RegExp;
  answer(request: HttpRequest): HttpReply;
}

/** Serves dialogs, each at its path. */
export function createDialogs(dialogs: readonly Dialog[]): Router {
  return (request) => ({
    operation: null,
    run() {
      const dialog = dialogs.find(({ path }) => path.test(request.path));
      if (dialog !== undefined) return dialog.answer(request);
      return htmlReply(404, errorPage('This page is not available.'));
    },
  });
}

export function createDialog<Asked>(sandbox: SandboxState, kind: DialogDefinition<Asked>): Dialog {
  const open = new Map<string, Asked>();

  /** A form's token works once, so that going back and allowing again opens no second sign-in. */
  function decide(form: URLSearchParams): HttpReply {
    const formToken = form.get('form_token') ?? '';
    const asked = open.get(formToken);
    if (asked === undefined) throw new DialogError('This dialog was answered or never opened.');
    open.delete(formToken);
    return kind.decide(asked, form);
  }

  function answer(request: HttpRequest): HttpReply {
    if (request.method === 'POST') return decide(new URLSearchParams(request.body));
    if (request.method !== 'GET') throw new DialogError('The dialog takes GET and POST only.');
    const asked = kind.ask(request.query);
    const formToken = sandbox.randomToken('', 24);
    open.set(formToken, asked);
    return htmlReply(200, kind.show(asked, formToken));
  }

  return {
    path: kind.path,
    answer(request) {
      try {
        return answer(request);
      } catch (error) {
        if (error instanceof DialogError) return htmlReply(400, errorPage(error.message));
        throw error;
      }
    },
  };
}

/** The permissions that a dialog is asked for, each once. */
export function scopesIn(query: URLSearchParams): string[] {
  const scopes = (query.get('scope') ?? '').split(/[\s,]+/).filter((scope) => scope !== '');
  return [...new Set(scopes)];
}

/**
 * Sends the person back to the app.
 *
 * @param tail what the service puts behind the address, which is no part of what it says
 */
export function redirectTo(
  redirectUri: string,
  said: Record<string, string>,
  tail: string,
): HttpReply {
  const { href } = new URL(redirectUri);
  const Location = `${href}${href.includes('?') ? '&' : '?'}${new URLSearchParams(said)}${tail}`;
  return { status: 302, headers: { Location, 'Referrer-Policy': 'no-referrer' }, body: '' };
}

import { type HttpReply, type HttpRequest, htmlReply, type Router } from '../http/http.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { errorPage } from './html.ts';

/** An error that a dialog shows on a page. Meta does not redirect with these errors. */
export class DialogError extends Error {}

export interface DialogDefinition<Consent> {
  path: RegExp;
  /** @throws DialogError if the request is invalid */
  parse(query: URLSearchParams): Consent;
  render(consent: Consent, formToken: string): string;
  /** @throws DialogError if the form is invalid */
  decide(consent: Consent, form: URLSearchParams): HttpReply;
}

export interface Dialog {
  path: RegExp;
  answer(request: HttpRequest): HttpReply;
}

export function createDialogs(dialogs: readonly Dialog[]): Router {
  return (request) => ({
    operation: null,
    run() {
      const dialog = dialogs.find(({ path }) => path.test(request.path));
      if (dialog !== undefined) return dialog.answer(request);
      return htmlReply(404, errorPage('This page does not exist.'));
    },
  });
}

export function createDialog<Consent>(
  sandbox: SandboxState,
  definition: DialogDefinition<Consent>,
): Dialog {
  const open = new Map<string, Consent>();

  /**
   * A form token works once, so that going back and submitting the form again issues no second
   * code.
   */
  function decide(form: URLSearchParams): HttpReply {
    const formToken = form.get('form_token') ?? '';
    const consent = open.get(formToken);
    if (consent === undefined)
      throw new DialogError(
        'This form was already submitted or is unknown. Start again from the app.',
      );
    open.delete(formToken);
    return definition.decide(consent, form);
  }

  function answer(request: HttpRequest): HttpReply {
    if (request.method === 'POST') return decide(new URLSearchParams(request.body));
    if (request.method !== 'GET') throw new DialogError('Only GET and POST are supported.');
    const consent = definition.parse(request.query);
    const formToken = sandbox.randomToken('', 24);
    open.set(formToken, consent);
    return htmlReply(200, definition.render(consent, formToken));
  }

  return {
    path: definition.path,
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

export function scopesIn(query: URLSearchParams): string[] {
  const scopes = (query.get('scope') ?? '').split(/[\s,]+/).filter((scope) => scope !== '');
  return [...new Set(scopes)];
}

export function redirectTo(
  redirectUri: string,
  parameters: Record<string, string>,
  suffix: string,
): HttpReply {
  const { href } = new URL(redirectUri);
  const Location = `${href}${href.includes('?') ? '&' : '?'}${new URLSearchParams(parameters)}${suffix}`;
  return { status: 302, headers: { Location, 'Referrer-Policy': 'no-referrer' }, body: '' };
}

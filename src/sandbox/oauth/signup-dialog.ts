import { htmlReply } from '../http/http.ts';
import type { App } from '../state/apps.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import type { PhoneNumber } from '../state/whatsapp.ts';
import { createDialog, type Dialog, type DialogDefinition, DialogError } from './dialog.ts';
import { signupDialogPage, signupResultPage } from './html.ts';
import { checkConfiguration } from './login-dialog.ts';
import { isListedOrigin } from './redirect-uris.ts';

interface Signup {
  app: App;
  /** The origin of the page that opened the window, which receives the result. */
  opener: string;
}

interface SignupResult {
  event: string;
  data: Record<string, string | boolean | string[]>;
  code: string | null;
}

const CODE_LIFETIME_MS = 30 * 1000;

/**
 * Creates the Embedded Signup window at `/<version>/dialog/embedded_signup`, which the sandbox's
 * version of Facebook's JavaScript SDK opens.
 */
export function createSignupDialog(sandbox: SandboxState): Dialog {
  const definition: DialogDefinition<Signup> = {
    path: /^\/v\d+\.\d+\/dialog\/embedded_signup$/,
    parse: (query) => checkedSignup(sandbox, query),
    render: ({ app }, formToken) => signupDialogPage(app.name, numbersOf(sandbox), formToken),
    decide: ({ app, opener }, form) => {
      const nonce = sandbox.randomToken('', 16);
      const { event, data, code } = signupResult(sandbox, app, form);
      const message = { type: 'WA_EMBEDDED_SIGNUP', event, version: '3', data };
      return htmlReply(200, signupResultPage({ opener, message, code, nonce }), nonce);
    },
  };
  return createDialog(sandbox, definition);
}

function checkedSignup(sandbox: SandboxState, query: URLSearchParams): Signup {
  const app = sandbox.apps.get(query.get('client_id') ?? '');
  if (app === undefined) throw new DialogError('Invalid App ID: The provided app ID is unknown.');
  const configId = query.get('config_id');
  if (configId === null) throw new DialogError('Missing parameter: config_id.');
  checkConfiguration(app, configId);
  if (
    query.get('response_type') !== 'code' ||
    query.get('override_default_response_type') !== 'true'
  ) {
    throw new DialogError(
      'Invalid parameter: response_type must be code, with override_default_response_type.',
    );
  }
  const opener = query.get('origin') ?? '';
  if (!isListedOrigin(app.redirect_uris, opener)) {
    throw new DialogError(`Unknown host domain: ${opener} is not a domain of this app.`);
  }
  return { app, opener };
}

function signupResult(sandbox: SandboxState, app: App, form: URLSearchParams): SignupResult {
  const { seed, waba } = chosenNumber(sandbox, form);
  const { id: waba_id, business_id } = waba.seed;
  const code = () => {
    const expiresAt = sandbox.now() + CODE_LIFETIME_MS;
    return sandbox.issueCode({ kind: 'signup', app, waba: waba_id, expiresAt });
  };
  const waba_ids = sandbox.whatsapp.signupSendsWabaIds;
  const ids = { ...(waba_ids ? { waba_ids: [waba_id] } : { waba_id }), business_id };
  const data = { phone_number_id: seed.id, ...ids };
  switch (form.get('decision')) {
    case 'finish':
      return { event: 'FINISH', data, code: code() };
    case 'finish_only_waba':
      return { event: 'FINISH_ONLY_WABA', data: ids, code: code() };
    case 'finish_business_app':
      return { event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', data: ids, code: code() };
    case 'finish_wa_login_user':
      return { event: 'FINISH', data: { ...ids, is_wa_login_user: true }, code: code() };
    case 'cancel':
      return { event: 'CANCEL', data: { current_step: 'PHONE_NUMBER_SETUP' }, code: null };
    case 'report_error':
      return { event: 'CANCEL', data: errorReport(sandbox), code: null };
    case 'fail':
      return { event: 'ERROR', data: errorReport(sandbox), code: null };
    default:
      throw new DialogError('Invalid parameter: decision.');
  }
}

function errorReport(sandbox: SandboxState): Record<string, string> {
  return {
    error_message: 'Your verified name violates WhatsApp guidelines.',
    error_id: '524126',
    session_id: sandbox.randomHex(16),
  };
}

function numbersOf(sandbox: SandboxState): { id: string; name: string }[] {
  return [...sandbox.whatsapp.numbers.values()].map(({ seed, waba }) => ({
    id: seed.id,
    name: `${seed.verified_name ?? waba.seed.name}, ${seed.display_phone_number ?? seed.id}`,
  }));
}

function chosenNumber({ whatsapp }: SandboxState, form: URLSearchParams): PhoneNumber {
  const number = whatsapp.numbers.get(form.get('phone_number_id') ?? '');
  if (number === undefined) throw new DialogError('Invalid parameter: phone_number_id.');
  return number;
}

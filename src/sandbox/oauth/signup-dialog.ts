import { htmlReply } from '../http/http.ts';
import type { App } from '../state/entities.ts';
import type { World } from '../state/sandbox-state.ts';
import type { PhoneNumber } from '../state/whatsapp.ts';
import { createDialog, type Dialog, DialogFault, type DialogKind } from './dialog.ts';
import { checkConfiguration } from './login-dialog.ts';
import { isListedOrigin } from './redirect-uris.ts';
import { resultPage, signupPage } from './signup-page.ts';

interface Signup {
  app: App;
  /** The origin of the page that opened it, which hears what comes of it. */
  opener: string;
}

/** How an Embedded Signup ends: what the page hears of it, and whether it gets a code. */
interface Ending {
  event: string;
  data: Record<string, string>;
  code: string | null;
}

const CODE_LIFETIME_MS = 30 * 1000;

/**
 * The window of Embedded Signup at `/<version>/dialog/embedded_signup`, which the sandbox's
 * stand-in for Meta's JavaScript SDK opens.
 */
export function createSignupDialog(world: World): Dialog {
  const kind: DialogKind<Signup> = {
    path: /^\/v\d+\.\d+\/dialog\/embedded_signup$/,
    ask: (query) => checkedSignup(world, query),
    show: ({ app }, formToken) => signupPage(app.name, numbersOf(world), formToken),
    decide: ({ app, opener }, form) => {
      const nonce = world.opaque('', 16);
      const { event, data, code } = ending(world, app, form);
      const message = { type: 'WA_EMBEDDED_SIGNUP', event, version: '3', data };
      return htmlReply(200, resultPage({ opener, message, code, nonce }), nonce);
    },
  };
  return createDialog(world, kind);
}

function checkedSignup(world: World, query: URLSearchParams): Signup {
  const app = world.apps.get(query.get('client_id') ?? '');
  if (app === undefined) throw new DialogFault('Invalid App ID: The provided app ID is unknown.');
  const configId = query.get('config_id');
  if (configId === null) throw new DialogFault('Missing parameter: config_id.');
  checkConfiguration(app, configId);
  if (
    query.get('response_type') !== 'code' ||
    query.get('override_default_response_type') !== 'true'
  ) {
    throw new DialogFault(
      'Invalid parameter: response_type must be code, with override_default_response_type.',
    );
  }
  const opener = query.get('origin') ?? '';
  if (!isListedOrigin(app.redirect_uris, opener)) {
    throw new DialogFault(`Unknown host domain: ${opener} is not one of this app's.`);
  }
  return { app, opener };
}

function ending(world: World, app: App, form: URLSearchParams): Ending {
  const { seed, waba } = chosenNumber(world, form);
  const { id: waba_id, business_id } = waba.seed;
  const code = () => {
    const expiresAt = world.now() + CODE_LIFETIME_MS;
    return world.issueCode({ kind: 'signup', app, waba: waba_id, expiresAt });
  };
  const data = { phone_number_id: seed.id, waba_id, business_id };
  switch (form.get('decision')) {
    case 'finish':
      return { event: 'FINISH', data, code: code() };
    case 'finish_only_waba':
      return { event: 'FINISH_ONLY_WABA', data: { waba_id, business_id }, code: code() };
    case 'finish_business_app':
      return { event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', data, code: code() };
    case 'cancel':
      return { event: 'CANCEL', data: { current_step: 'PHONE_NUMBER_SETUP' }, code: null };
    case 'report_error':
      return { event: 'CANCEL', data: reported(world), code: null };
    case 'fail':
      return { event: 'ERROR', data: reported(world), code: null };
    default:
      throw new DialogFault('Invalid parameter: decision.');
  }
}

function reported(world: World): Record<string, string> {
  return {
    error_message: 'Your verified name violates WhatsApp guidelines.',
    error_id: '524126',
    session_id: world.hex(16),
  };
}

function numbersOf(world: World): { id: string; name: string }[] {
  return [...world.whatsapp.numbers.values()].map(({ seed, waba }) => ({
    id: seed.id,
    name: `${seed.verified_name ?? waba.seed.name}, ${seed.display_phone_number ?? seed.id}`,
  }));
}

function chosenNumber({ whatsapp }: World, form: URLSearchParams): PhoneNumber {
  const number = whatsapp.numbers.get(form.get('phone_number_id') ?? '');
  if (number === undefined) throw new DialogFault('Invalid parameter: phone_number_id.');
  return number;
}

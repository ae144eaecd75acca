import { invalidParameter } from '../graph/errors.ts';
import { malformedParameter, notSubscribedBeforeOverride } from '../graph/errors-whatsapp.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import type { PhoneNumber, Waba } from '../state/whatsapp.ts';
import { handshake, INVALID_CALLBACK_URL } from './webhooks.ts';

export function webhookConfiguration(
  { appSubscriptions }: SandboxState,
  { waba, overrides }: PhoneNumber,
  app: string,
) {
  const own = overrides.get(app);
  const override = waba.subscriptions.get(app)?.override;
  const common = appSubscriptions.get(app, 'whatsapp_business_account')?.callback_url;
  return {
    ...(own !== undefined && { phone_number: own }),
    ...(override && { whatsapp_business_account: override }),
    ...(common !== undefined && { application: common }),
  };
}

/** Source: Meta, "Webhook Overrides". */
const MAX_URL_LENGTH = 200;

/**
 * Checks an override of the app's URL for a number or a WABA. The app must be subscribed to the
 * WABA and, at app level, to `messages`.
 *
 * @throws MetaError 100 if the URL is malformed or too long, the verify token is missing, or the
 *   app is not subscribed; 2200 or 2201 if the handshake fails
 */
export async function verifyOverride(
  url: string,
  verifyToken: string | undefined,
  { waba, app, state }: { waba: Waba; app: { id: string }; state: SandboxState },
): Promise<void> {
  if (url.length > MAX_URL_LENGTH || !URL.canParse(url)) {
    throw malformedParameter(INVALID_CALLBACK_URL);
  }
  if (verifyToken === undefined) throw invalidParameter('The parameter verify_token is required');
  const common = state.appSubscriptions.get(app.id, 'whatsapp_business_account');
  const isSubscribed = waba.subscriptions.has(app.id) && common?.fields.includes('messages');
  if (!isSubscribed) throw notSubscribedBeforeOverride();
  await handshake(url, verifyToken, String(state.randomBelow(2 ** 31)));
}

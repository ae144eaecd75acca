import { STATUS_CODES } from 'node:http';
import { isLoopbackHost } from '../../shared/url.ts';
import { callbackVerificationFailed, wrongChallenge } from '../graph/errors.ts';

/** The webhook fields of each object (source: Meta's reference). */
export const WEBHOOK_FIELDS = {
  whatsapp_business_account: [
    ...['messages', 'message_echoes', 'calls', 'flows', 'history', 'standby', 'security'],
    ...['account_alerts', 'account_review_update', 'account_settings_update', 'account_update'],
    ...['business_capability_update', 'business_status_update', 'automatic_events'],
    ...['group_lifecycle_update', 'group_participants_update', 'group_settings_update'],
    ...['group_status_update', 'message_template_components_update', 'messaging_handovers'],
    ...['message_template_quality_update', 'message_template_status_update', 'partner_solutions'],
    ...['payment_configuration_update', 'phone_number_name_update'],
    ...['phone_number_quality_update', 'smb_app_state_sync', 'smb_message_echoes'],
    ...['template_category_update', 'template_correct_category_detection', 'tracking_events'],
    ...['user_id_update', 'user_preferences'],
  ],
  page: [
    ...['feed', 'mention', 'name', 'picture', 'category', 'description', 'ratings', 'leadgen'],
    ...['messages', 'messaging_postbacks', 'messaging_optins', 'messaging_referrals'],
    ...['message_deliveries', 'message_reads', 'message_echoes', 'message_reactions'],
    ...['message_edits', 'message_context', 'messaging_handovers', 'messaging_account_linking'],
    ...['messaging_customer_information', 'messaging_feedback', 'messaging_policy_enforcement'],
    ...['messaging_optouts', 'response_feedback', 'standby', 'inbox_labels', 'calls'],
  ],
  instagram: [
    ...['comments', 'live_comments', 'mentions', 'story_insights', 'standby', 'message_edit'],
    ...['messages', 'messaging_postbacks', 'messaging_seen', 'message_reactions'],
    ...['messaging_referral', 'messaging_optins', 'messaging_handover'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const TIMEOUT_MS = 5_000;

const USER_AGENT = 'facebookexternalua';

export const INVALID_CALLBACK_URL = 'Invalid callback URI format';

export function callbackUrlError(callbackUrl: string): string | null {
  if (!URL.canParse(callbackUrl)) return INVALID_CALLBACK_URL;
  const { protocol, hostname } = new URL(callbackUrl);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
  return isSafe ? null : 'The callback URI must be HTTPS';
}

/**
 * Verifies a callback URL with a GET request, as Meta does. An HTTPS URL on another machine is
 * accepted without a request, because the sandbox sends nothing to other machines.
 *
 * @throws MetaError 2200 if the URL is invalid, or the request fails or does not return 200; 2201
 *   if it returns something other than the challenge
 */
export async function handshake(
  callbackUrl: string,
  verifyToken: string,
  challenge: string,
): Promise<void> {
  const error = callbackUrlError(callbackUrl);
  if (error !== null) throw callbackVerificationFailed(error);
  const url = new URL(callbackUrl);
  if (!isLoopbackHost(url.hostname)) return;
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.verify_token', verifyToken);
  url.searchParams.set('hub.challenge', challenge);
  const { status, text } = await answerOf(url);
  if (status !== 200) {
    const message = STATUS_CODES[status] ?? '';
    throw callbackVerificationFailed(`HTTP Status Code = ${status}; HTTP Message = ${message}`);
  }
  if (text !== challenge) throw wrongChallenge(challenge, text);
}

async function answerOf(url: URL): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      headers: { 'User-Agent': USER_AGENT },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw callbackVerificationFailed(curlError(error, url));
  }
}

/** Describes a failed request in curl's words, which Meta quotes in its errors. */
function curlError(error: unknown, url: URL): string {
  const cause = Object(error).cause ?? error;
  const [number, text] =
    Object(error).name === 'TimeoutError'
      ? [28, `Operation timed out after ${TIMEOUT_MS} milliseconds with 0 bytes received`]
      : Object(cause).code === 'ECONNREFUSED'
        ? [7, `Failed to connect to ${url.hostname} port ${url.port}: Connection refused`]
        : /CERT|SELF_SIGNED|UNABLE_TO/.test(String(Object(cause).code))
          ? [60, 'SSL certificate problem: unable to get local issuer certificate']
          : [52, 'Empty reply from server'];
  return `curl_errno = ${number}; curl_error = ${text}; HTTP Status Code = 0; HTTP Message = `;
}

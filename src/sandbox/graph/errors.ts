import type { Service } from '../../graph/operations/operation.ts';
import { type HttpReply, jsonReply } from '../http/http.ts';

/** The fields of Meta's error object, except the trace ID, which `errorReply` adds. */
export interface MetaErrorBody {
  message: string;
  type: string;
  code: number;
  error_subcode?: number | undefined;
  is_transient?: boolean | undefined;
  error_user_title?: string | undefined;
  error_user_msg?: string | undefined;
  error_data?: { messaging_product: 'whatsapp'; details: string } | undefined;
}

export class MetaError extends Error {
  override readonly name = 'MetaError';

  constructor(
    readonly status: number,
    readonly body: MetaErrorBody,
    readonly headers: Record<string, string> = {},
  ) {
    super(body.message);
  }
}

export function errorReply(error: MetaError, service: Service, traceId: string): HttpReply {
  if (service === 'instagram_api') {
    const { type, message } = error.body;
    return jsonReply(error.status, {
      error_type: type,
      code: error.status,
      error_message: message,
    });
  }
  const body = { error: { ...error.body, fbtrace_id: traceId } };
  return jsonReply(error.status, body, error.headers);
}

function oauth(status: number, code: number, message: string, error_subcode?: number): MetaError {
  return new MetaError(status, { message, type: 'OAuthException', code, error_subcode });
}

export function invalidParameter(message: string, subcode?: number): MetaError {
  return oauth(400, 100, `(#100) ${message}`, subcode);
}

export function unsupportedRequest(method: string, id: string): MetaError {
  return new MetaError(400, {
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
    type: 'GraphMethodException',
    code: 100,
    error_subcode: 33,
  });
}

/** 100 with HTTP 500: Meta has removed requests for several IDs (source: real responses). */
export function removedIds(): MetaError {
  return oauth(500, 100, 'The ids query parameter is deprecated in v26.0+.');
}

export function unknownPath(path: string): MetaError {
  return oauth(400, 2500, `Unknown path components: ${path}`);
}

export function missingToken(path: string): MetaError {
  return /^(?:\/v\d+\.\d+)?\/me(?:\/|$)/.test(path)
    ? oauth(
        400,
        2500,
        'An active access token must be used to query information about the current user.',
      )
    : oauth(401, 104, 'An access token is required to request this resource.');
}

/**
 * 190: the token is unknown or no longer valid. HTTP 401, according to Meta's published OpenAPI
 * description.
 *
 * @param subcode 463 expired, 492 no role on the Page
 */
export function invalidToken(message: string, subcode?: number): MetaError {
  return oauth(401, 190, message, subcode);
}

export function wrongSignature(): MetaError {
  return oauth(400, 190, 'Invalid OAuth access token signature.');
}

export function expiredToken(expiredAt: number, now: number): MetaError {
  return invalidToken(expiryMessage(expiredAt, now), 463);
}

export function expiredInstagramToken(expiredAt: number, now: number): MetaError {
  return oauth(400, 190, expiryMessage(expiredAt, now), 463);
}

/** Meta writes times as in "Monday, 05-Oct-26 10:00:00 PDT". */
export function expiryMessage(expiredAt: number, now: number): string {
  const [then, today] = [expiredAt, now].map(pacificTime);
  return `Error validating access token: Session has expired on ${then}. The current time is ${today}.`;
}

const PACIFIC = new Intl.DateTimeFormat('en-US', {
  ...({ weekday: 'long', day: '2-digit', month: 'short', year: '2-digit' } as const),
  ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
  ...({ timeZone: 'America/Los_Angeles', timeZoneName: 'short' } as const),
});

function pacificTime(time: number): string {
  const parts = new Map(PACIFIC.formatToParts(time).map(({ type, value }) => [type, value]));
  const [weekday, day, month, year, hour, minute, second, zone] = (
    ['weekday', 'day', 'month', 'year', 'hour', 'minute', 'second', 'timeZoneName'] as const
  ).map((type) => parts.get(type));
  return `${weekday}, ${day}-${month}-${year} ${hour}:${minute}:${second} ${zone}`;
}

/** 15: the call requires an app token (source: real responses). */
export function appTokenRequired(): MetaError {
  return oauth(400, 15, '(#15) This method must be called with an app access_token.');
}

/** 210: the webhooks of a Page require the Page's token (source: real responses). */
export function pageTokenRequired(): MetaError {
  return oauth(403, 210, '(#210) A page access token is required to request this resource.');
}

export function wrongTokenKind(kind: string): MetaError {
  const article = /^[AI]/.test(kind) ? 'an' : 'a';
  return oauth(400, 190, `(#190) This method must be called with ${article} ${kind} Access Token`);
}

export function invalidAppsecretProof(given: boolean): MetaError {
  return new MetaError(400, {
    message: given
      ? 'Invalid appsecret_proof provided in the API argument'
      : 'API calls from the server require an appsecret_proof argument',
    type: 'GraphMethodException',
    code: 100,
  });
}

export function missingPermission(permission: string): MetaError {
  const code = permission === 'pages_messaging' ? 230 : 200;
  return oauth(403, code, `(#${code}) Requires ${permission} permission to manage the object`);
}

/** 100: a business token lacks a permission. Meta does not say which (source: real responses). */
export function missingBusinessPermission(): MetaError {
  return oauth(400, 100, '(#100) Missing Permission');
}

/**
 * 200: the token lacks the permission for webhook fields, which is not the one for the call itself
 * (source: real responses).
 */
export function missingFieldPermission(fields: readonly string[], permission: string): MetaError {
  const sentences = fields.map(
    (field) =>
      `To subscribe to the ${field} field, one of these permissions is needed: ${permission}`,
  );
  return oauth(403, 200, `(#200) ${sentences.join('. ')}`);
}

export function missingTask(tasks: readonly string[]): MetaError {
  return oauth(
    403,
    200,
    `(#200) User does not have sufficient administrative permission for this action on this page: one of these tasks is required: ${tasks.join(', ')}`,
  );
}

/** 101: a token exchange with an app ID that does not exist (source: real responses). */
export function invalidAppId(): MetaError {
  return oauth(400, 101, 'Error validating application. Invalid application ID.');
}

/** 101 or 190: the app of an app token is an Instagram app. */
export function unknownApp(code: 101 | 190): MetaError {
  return code === 101
    ? oauth(400, 101, 'Error validating application. Cannot get application info.')
    : oauth(400, 190, 'Cannot get application info due to a system error.');
}

/** 1: the app secret is incorrect. Meta uses the code of an unknown, transient error. */
export function wrongAppSecret(): MetaError {
  return oauth(400, 1, 'Error validating client secret.');
}

export function wrongInstagramSecret(): MetaError {
  return oauth(400, 100, 'Error validating client secret.');
}

/** 100 with subcode 36007: the code has expired, or was not issued to this app. */
export function invalidCode(reason: string): MetaError {
  return oauth(400, 100, reason, 36007);
}

export function usedCode(): MetaError {
  return oauth(400, 100, 'This authorization code has been used.', 36009);
}

export function redirectUriMismatch(): MetaError {
  return oauth(
    400,
    100,
    'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request',
    36008,
  );
}

/** 4 with HTTP 403: the app has made too many calls in the last hour (source: real responses). */
export function appRateLimited(): MetaError {
  return new MetaError(403, {
    message: '(#4) Application request limit reached',
    type: 'OAuthException',
    code: 4,
    is_transient: true,
  });
}

export function tooManyCalls(maximum: number): MetaError {
  return new MetaError(400, {
    message: `Too many requests in batch message. Maximum batch size is ${maximum}`,
    type: 'GraphBatchException',
    code: 100,
  });
}

export function rateLimited(): MetaError {
  return oauth(400, 613, '(#613) Calls to this api have exceeded the rate limit.');
}

export function businessRateLimited(code: number, headers: Record<string, string>): MetaError {
  const kind = code === 80008 ? 'to this WhatsApp Business account' : 'to this Page account';
  const message = `(#${code}) There have been too many calls ${kind}. Wait a bit and try again. For more info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.`;
  return new MetaError(400, { message, type: 'OAuthException', code }, headers);
}

/** An error of Instagram's code exchange, which returns messages without error codes. */
export function codeExchangeError(message: string): MetaError {
  return new MetaError(400, { message, type: 'OAuthException', code: 400 });
}

/**
 * 100: graph.instagram.com does not serve the account, because it has no role on the app or did not
 * grant `instagram_business_basic`. The text is misleading (source: real responses).
 */
export function unsupportedMethod(method: string): MetaError {
  return new MetaError(400, {
    message: `Unsupported request - method type: ${method.toLowerCase()}`,
    type: 'IGApiException',
    code: 100,
  });
}

export function tokenExchangeError(code: number, message: string): MetaError {
  return new MetaError(400, { message, type: 'IGApiException', code });
}

/** 2200: a callback URL failed the handshake. Meta quotes the HTTP status or curl's error. */
export function callbackVerificationFailed(reason: string): MetaError {
  return new MetaError(400, {
    message: `(#2200) Callback verification failed with the following errors: ${reason}`,
    type: 'OAuthException',
    code: 2200,
  });
}

export function wrongChallenge(expected: string, received: string): MetaError {
  const start = received.slice(0, 20);
  return new MetaError(400, {
    message: `(#2201) response does not match challenge, expected value="${expected}", received="${start}..."`,
    type: 'OAuthException',
    code: 2201,
    is_transient: false,
  });
}

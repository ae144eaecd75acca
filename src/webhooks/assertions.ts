import type { ProbeResponse } from './probe.ts';

export interface ResponseProblem {
  kind:
    | 'dns'
    | 'tls'
    | 'connection'
    | 'timeout'
    | 'slow'
    | 'redirect'
    | 'status'
    | 'body'
    | 'encoding'
    | 'verify_token'
    | 'signature';
  severity: 'error' | 'warning';
  message: string;
  hint: string;
}

/** Slower responses cause a warning. Meta waits longer than this before it gives up. */
const SLOW_RESPONSE_MS = 5_000;

const FAILURES: Readonly<
  Record<'dns' | 'tls' | 'connection' | 'timeout', readonly [string, string]>
> = {
  dns: ['The host <host> could not be resolved (<code>).', 'Check the URL and its DNS records.'],
  tls: [
    'The TLS connection to <host> failed (<code>).',
    'Serve TLS 1.2 or later, with a valid certificate for this host and its complete chain. Meta does not accept self-signed certificates.',
  ],
  connection: [
    'The connection to <host> failed (<code>).',
    'Check that the receiver is running and that its port is reachable from the internet.',
  ],
  timeout: [
    '<host> did not respond within <seconds> seconds.',
    'Respond before processing the delivery: Meta expects an immediate response.',
  ],
};

export function checkHandshake(
  response: ProbeResponse,
  { url, accountName }: { url: URL; accountName: string },
  challenge: string,
): ResponseProblem[] {
  const unusable = unusableResponse(response, url);
  if (unusable !== null || 'failure' in response) return unusable === null ? [] : [unusable];
  const problems = slowResponse(response);
  if (response.status !== 200) {
    problems.unshift({
      kind: 'status',
      severity: 'error',
      message: `The handshake returned HTTP ${response.status} instead of 200.`,
      hint: `Return 200 if hub.verify_token matches the account's verify_token. To show that token, run: channelctl accounts get ${accountName} --fields verify_token`,
    });
  } else if (response.text !== challenge) {
    problems.unshift({
      kind: 'body',
      severity: 'error',
      message: `The handshake did not return the challenge: ${formatBody(response)}.`,
      hint: 'Return only the value of hub.challenge: no byte order mark, no quotes, no JSON, no line break.',
    });
  }
  return problems;
}

export function checkTokenRejected(
  response: ProbeResponse,
  url: URL,
  challenge: string,
): ResponseProblem[] {
  const unusable = unusableResponse(response, url);
  if (unusable !== null || 'failure' in response) return unusable === null ? [] : [unusable];
  if (response.status !== 200 || !response.text.includes(challenge)) return slowResponse(response);
  return [
    {
      kind: 'verify_token',
      severity: 'warning',
      message: 'A handshake with a wrong verify token was accepted.',
      hint: "Compare hub.verify_token with the account's verify_token, and return 403 if they differ.",
    },
    ...slowResponse(response),
  ];
}

export function isRejected(response: ProbeResponse): boolean {
  return 'status' in response && (response.status < 200 || response.status >= 400);
}

/**
 * Checks that the response to a signed delivery has status 200.
 *
 * @param plain the response to the same delivery without escaped characters; null if none was sent
 */
export function checkDelivery(
  response: ProbeResponse,
  url: URL,
  plain: ProbeResponse | null,
): ResponseProblem[] {
  const unusable = unusableResponse(response, url);
  if (unusable !== null || 'failure' in response) return unusable === null ? [] : [unusable];
  const problems = slowResponse(response);
  if (plain !== null && 'status' in plain && isSuccess(plain.status)) {
    problems.unshift({
      kind: 'encoding',
      severity: 'error',
      message: `The signed delivery returned HTTP ${response.status} instead of 200, but the same delivery without escaped characters was accepted.`,
      hint: 'Verify the signature over the bytes of the raw body, before parsing it: Meta escapes characters such as é, / and < (\\u00e9, \\/, \\u003C), so JSON that your receiver parses and serializes again has a different signature. Accept every Unicode character in the message.',
    });
  } else if (response.status !== 200) {
    const isRefusal = response.status === 401 || response.status === 403;
    problems.unshift({
      kind: 'status',
      severity: isSuccess(response.status) ? 'warning' : 'error',
      message: `The signed delivery returned HTTP ${response.status} instead of 200.`,
      hint: isRefusal
        ? "Verify the signature over the raw body with this app's secret. Meta retries rejected deliveries and eventually disables the webhook."
        : 'Return 200 as soon as the delivery is stored. Meta retries failed deliveries and eventually disables the webhook.',
    });
  }
  return problems;
}

export function checkSignatureRejected(response: ProbeResponse, url: URL): ResponseProblem[] {
  const unusable = unusableResponse(response, url);
  if (unusable !== null || 'failure' in response) return unusable === null ? [] : [unusable];
  if (!isSuccess(response.status)) return slowResponse(response);
  return [
    {
      kind: 'signature',
      severity: 'warning',
      message: `A delivery with an invalid signature was accepted (HTTP ${response.status}), so messages can be forged.`,
      hint: 'Compare X-Hub-Signature-256 with the HMAC-SHA256 of the raw body, keyed with the app secret, and return 401 if they differ.',
    },
    ...slowResponse(response),
  ];
}

function unusableResponse(response: ProbeResponse, url: URL): ResponseProblem | null {
  const { host } = url;
  if ('failure' in response) {
    const [message, hint] = FAILURES[response.failure];
    const seconds = String(Math.round(response.milliseconds / 1000));
    return {
      kind: response.failure,
      severity: 'error',
      message: message
        .replace('<host>', () => host)
        .replace('<code>', response.code)
        .replace('<seconds>', seconds),
      hint,
    };
  }
  if (response.status < 300 || response.status >= 400) return null;
  return {
    kind: 'redirect',
    severity: 'error',
    message: `${host} redirects to ${response.redirect ?? 'another URL'} (HTTP ${response.status}), but Meta does not follow redirects.`,
    hint: 'Register the target URL with Meta, or serve the webhook without a redirect.',
  };
}

function slowResponse({ milliseconds }: ProbeResponse): ResponseProblem[] {
  if (milliseconds <= SLOW_RESPONSE_MS) return [];
  return [
    {
      kind: 'slow',
      severity: 'warning',
      message: `The response took ${(milliseconds / 1000).toFixed(1)} seconds.`,
      hint: 'Respond before processing the delivery: Meta times out on slow receivers and retries the delivery.',
    },
  ];
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

const BYTE_ORDER_MARK = '\ufeff';

function formatBody({ text, excerpt }: { text: string; excerpt: string }): string {
  if (text === '') return 'the body is empty';
  if (text.startsWith(BYTE_ORDER_MARK)) return 'the body begins with a byte order mark';
  return `the body begins with ${JSON.stringify(excerpt)}`;
}

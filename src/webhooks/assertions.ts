import type { ProbeResponse } from './probe.ts';

/** A problem of a response, and its fix. */
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
    | 'verify_token'
    | 'signature';
  severity: 'error' | 'warning';
  message: string;
  hint: string;
}

/** Long before Meta gives up on slow receivers. */
const SLOW_RESPONSE_MS = 5_000;

const FAILURES: Readonly<
  Record<'dns' | 'tls' | 'connection' | 'timeout', readonly [string, string]>
> = {
  dns: ['The name <host> was not found (<code>).', 'Check the address and its DNS records.'],
  tls: [
    'No secure connection to <host> could be made (<code>).',
    'Serve a valid certificate for that name, with the whole chain; Meta accepts no self-signed one.',
  ],
  connection: [
    'No connection to <host> was made, or it was cut (<code>).',
    'Check that the receiver runs, and that its port is open to the internet.',
  ],
  timeout: [
    '<host> did not answer within <seconds> seconds.',
    'Answer first and do the work afterwards: Meta expects the answer at once.',
  ],
};

/** The answer to the handshake must be 200 with the challenge as its body. */
export function checkHandshake(
  response: ProbeResponse,
  url: URL,
  challenge: string,
): ResponseProblem[] {
  const unusable = unusableResponse(response, url);
  if (unusable !== null || 'failure' in response) return unusable === null ? [] : [unusable];
  const problems = slowResponse(response);
  if (response.status !== 200) {
    problems.unshift({
      kind: 'status',
      severity: 'error',
      message: `The handshake was answered with HTTP ${response.status} where 200 is needed.`,
      hint: "Answer 200 where hub.verify_token is the account's verify_token: channelctl accounts get <account> --fields verify_token",
    });
  } else if (response.text !== challenge) {
    problems.unshift({
      kind: 'body',
      severity: 'error',
      message: `The body of the answer to the handshake is not the challenge: ${formatBody(response.text)}.`,
      hint: 'Answer with the value of hub.challenge and nothing else: no quotes, no JSON, no line break.',
    });
  }
  return problems;
}

/** A wrong verify token must not be answered with the challenge. */
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
      hint: "Compare hub.verify_token with the account's verify_token, and answer 403 where it differs.",
    },
    ...slowResponse(response),
  ];
}

/** A delivery that is signed must be answered with 200. */
export function checkDelivery(response: ProbeResponse, url: URL): ResponseProblem[] {
  const unusable = unusableResponse(response, url);
  if (unusable !== null || 'failure' in response) return unusable === null ? [] : [unusable];
  const problems = slowResponse(response);
  if (response.status !== 200) {
    const isRefusal = response.status === 401 || response.status === 403;
    problems.unshift({
      kind: 'status',
      severity: isSuccess(response.status) ? 'warning' : 'error',
      message: `The signed delivery was answered with HTTP ${response.status} where 200 is needed.`,
      hint: isRefusal
        ? "Check the signature over the body's bytes as they came, with this app's secret: Meta repeats what is refused, and switches the address off in the end."
        : 'Answer 200 as soon as the delivery is stored: Meta repeats what fails, and switches the address off in the end.',
    });
  }
  return problems;
}

/** A delivery with a wrong signature must not be accepted. */
export function checkSignatureRejected(response: ProbeResponse, url: URL): ResponseProblem[] {
  const unusable = unusableResponse(response, url);
  if (unusable !== null || 'failure' in response) return unusable === null ? [] : [unusable];
  if (!isSuccess(response.status)) return slowResponse(response);
  return [
    {
      kind: 'signature',
      severity: 'warning',
      message: `A delivery with a wrong signature was accepted (HTTP ${response.status}): anybody can invent messages.`,
      hint: 'Compare X-Hub-Signature-256 with the HMAC-SHA256 of the raw body under the app secret, and answer 401 where it differs.',
    },
    ...slowResponse(response),
  ];
}

/** The problem of a response that can not be checked any further. */
function unusableResponse(response: ProbeResponse, url: URL): ResponseProblem | null {
  const { host } = url;
  if ('failure' in response) {
    const [message, hint] = FAILURES[response.failure];
    const seconds = String(Math.round(response.milliseconds / 1000));
    return {
      kind: response.failure,
      severity: 'error',
      message: message
        .replace('<host>', host)
        .replace('<code>', response.code)
        .replace('<seconds>', seconds),
      hint,
    };
  }
  if (response.status < 300 || response.status >= 400) return null;
  const where = URL.canParse(response.location ?? '', url.href)
    ? new URL(response.location ?? '', url)
    : null;
  return {
    kind: 'redirect',
    severity: 'error',
    message: `${host} redirects to ${where === null ? 'another address' : where.origin + where.pathname} (HTTP ${response.status}), and Meta follows no redirect.`,
    hint: 'Give Meta the address that it leads to, or serve the webhook where it is.',
  };
}

function slowResponse({ milliseconds }: ProbeResponse): ResponseProblem[] {
  if (milliseconds <= SLOW_RESPONSE_MS) return [];
  return [
    {
      kind: 'slow',
      severity: 'warning',
      message: `The answer took ${(milliseconds / 1000).toFixed(1)} seconds.`,
      hint: 'Answer first and do the work afterwards: Meta gives up on slow receivers and repeats the delivery.',
    },
  ];
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function formatBody(text: string): string {
  if (text === '') return 'it is empty';
  return `it begins ${JSON.stringify(text.slice(0, 60))}`;
}

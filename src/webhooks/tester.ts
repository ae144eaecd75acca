import { randomBytes } from 'node:crypto';
import {
  checkDelivery,
  checkHandshake,
  checkSignatureRejected,
  checkTokenRejected,
  isRejected,
  type ResponseProblem,
} from './assertions.ts';
import { escapeLikeMeta, withoutEscapedCharacters } from './escapes.ts';
import { type ProbeContext, type ProbeResponse, probe } from './probe.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

type CheckName = 'handshake' | 'wrong_token' | 'delivery' | 'wrong_signature';

export interface Check {
  name: CheckName;
  result: 'ok' | 'warning' | 'error' | 'skipped';
  /** Null if there was no response. */
  http_status: number | null;
  /** Null if the request was skipped. */
  milliseconds: number | null;
}

interface CheckProblem extends ResponseProblem {
  part: CheckName;
}

export interface WebhookTestResult {
  checks: Check[];
  problems: CheckProblem[];
}

export interface TestTarget {
  url: URL;
  accountName: string;
  verifyToken: string;
  appSecret: string;
  sample(): string;
}

/**
 * Calls a webhook URL as Meta does: a handshake with the correct and with a wrong verify token,
 * then a delivery with a valid and with an invalid signature, with the escapes that Meta uses. If
 * the valid delivery is rejected, the same delivery without the escapes shows whether they are the
 * reason. After a failed connection or a redirect, the rest is skipped. The invalid variant of a
 * request that failed is also skipped, because a server that rejects everything proves nothing.
 */
export async function testWebhook(
  target: TestTarget,
  context: ProbeContext,
): Promise<WebhookTestResult> {
  const result: WebhookTestResult = { checks: [], problems: [] };
  let isFinished = false;
  for (const { name, counterpart, perform } of testSteps(target, context)) {
    const valid = result.checks.find((check) => check.name === counterpart);
    if (isFinished || valid?.result === 'error') {
      result.checks.push({ name, result: 'skipped', http_status: null, milliseconds: null });
      continue;
    }
    const { response, problems } = await perform();
    result.problems.push(...problems.map((problem) => ({ part: name, ...problem })));
    result.checks.push({
      name,
      result: worstOf(problems),
      http_status: 'status' in response ? response.status : null,
      milliseconds: response.milliseconds,
    });
    isFinished = 'failure' in response || (response.status >= 300 && response.status < 400);
  }
  return result;
}

interface TestStep {
  name: CheckName;
  /** The valid request of which this is the invalid variant; null if this is a valid one. */
  counterpart: CheckName | null;
  perform(): Promise<{ response: ProbeResponse; problems: ResponseProblem[] }>;
}

function testSteps(target: TestTarget, context: ProbeContext): TestStep[] {
  const { url, verifyToken, appSecret, sample } = target;
  const challenge = String(randomBytes(4).readUInt32BE());
  const sendHandshake = (token: string) => probe(withHandshake(url, token, challenge), {}, context);
  const sendDelivery = (body: string, secret: string) => {
    const headers = {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: signatureOf(body, secret),
    };
    return probe(url, { body, headers }, context);
  };
  const hex = () => randomBytes(16).toString('hex');
  const step = (
    name: CheckName,
    counterpart: CheckName | null,
    send: () => Promise<ProbeResponse>,
    assert: (response: ProbeResponse) => ResponseProblem[],
  ): TestStep => ({
    name,
    counterpart,
    async perform() {
      const response = await send();
      return { response, problems: assert(response) };
    },
  });
  return [
    step(
      'handshake',
      null,
      () => sendHandshake(verifyToken),
      (response) => checkHandshake(response, target, challenge),
    ),
    step(
      'wrong_token',
      'handshake',
      () => sendHandshake(hex()),
      (response) => checkTokenRejected(response, url, challenge),
    ),
    {
      name: 'delivery',
      counterpart: null,
      async perform() {
        const response = await sendDelivery(escapeLikeMeta(sample()), appSecret);
        const plain = isRejected(response)
          ? await sendDelivery(withoutEscapedCharacters(sample()), appSecret)
          : null;
        return { response, problems: checkDelivery(response, url, plain) };
      },
    },
    step(
      'wrong_signature',
      'delivery',
      () => sendDelivery(escapeLikeMeta(sample()), hex()),
      (response) => checkSignatureRejected(response, url),
    ),
  ];
}

function withHandshake(webhookUrl: URL, token: string, challenge: string): URL {
  const url = new URL(webhookUrl);
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.verify_token', token);
  url.searchParams.set('hub.challenge', challenge);
  return url;
}

function worstOf(problems: readonly ResponseProblem[]): Check['result'] {
  if (problems.some(({ severity }) => severity === 'error')) return 'error';
  return problems.length > 0 ? 'warning' : 'ok';
}

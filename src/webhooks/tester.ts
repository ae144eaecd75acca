import {
  type Finding,
  judgeDelivery,
  judgeForgery,
  judgeHandshake,
  judgeStranger,
} from './assertions.ts';
import { type Visit, type Visitor, visit } from './probe.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

type CheckName = 'handshake' | 'wrong_token' | 'delivery' | 'wrong_signature';

/** One request of the rehearsal. */
export interface Check {
  name: CheckName;
  result: 'ok' | 'warning' | 'error' | 'skipped';
  /** Of the answer; null where none came. */
  http_status: number | null;
  /** Null where it was skipped. */
  milliseconds: number | null;
}

interface RehearsalProblem extends Finding {
  part: CheckName;
}

export interface Rehearsal {
  checks: Check[];
  problems: RehearsalProblem[];
}

export interface Part {
  address: URL;
  verifyToken: string;
  appSecret: string;
  /** The body of the sample delivery, anew for each call. */
  sample(): string;
  randomBytes(bytes: number): Buffer;
}

/**
 * Plays Meta toward a webhook address: the handshake with the right and with a wrong verify token,
 * then a delivery that is signed as Meta signs it and one that is not. Where nobody answers, or a
 * redirect does, the rest is left out; and what refuses the right one proves nothing by refusing the
 * wrong one too.
 */
export async function rehearse(part: Part, visitor: Visitor): Promise<Rehearsal> {
  const rehearsal: Rehearsal = { checks: [], problems: [] };
  let isOver = false;
  for (const { name, counterpart, perform } of acts(part, visitor)) {
    const right = rehearsal.checks.find((check) => check.name === counterpart);
    if (isOver || right?.result === 'error') {
      rehearsal.checks.push({ name, result: 'skipped', http_status: null, milliseconds: null });
      continue;
    }
    const { seen, findings } = await perform();
    rehearsal.problems.push(...findings.map((finding) => ({ part: name, ...finding })));
    rehearsal.checks.push({
      name,
      result: worstOf(findings),
      http_status: 'status' in seen ? seen.status : null,
      milliseconds: seen.milliseconds,
    });
    isOver = 'failure' in seen || (seen.status >= 300 && seen.status < 400);
  }
  return rehearsal;
}

interface Act {
  name: CheckName;
  /** What is right where this is wrong. */
  counterpart: CheckName | null;
  perform(): Promise<{ seen: Visit; findings: Finding[] }>;
}

function acts(part: Part, visitor: Visitor): Act[] {
  const { address, verifyToken, appSecret, sample, randomBytes } = part;
  const challenge = String(randomBytes(4).readUInt32BE());
  const shake = (token: string) => visit(withHandshake(address, token, challenge), {}, visitor);
  const deliver = (body: string, secret: string) => {
    const headers = {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: signatureOf(body, secret),
    };
    return visit(address, { body, headers }, visitor);
  };
  const hex = () => randomBytes(16).toString('hex');
  const act = (
    name: CheckName,
    counterpart: CheckName | null,
    send: () => Promise<Visit>,
    judge: (seen: Visit) => Finding[],
  ): Act => ({
    name,
    counterpart,
    async perform() {
      const seen = await send();
      return { seen, findings: judge(seen) };
    },
  });
  return [
    act(
      'handshake',
      null,
      () => shake(verifyToken),
      (seen) => judgeHandshake(seen, address, challenge),
    ),
    act(
      'wrong_token',
      'handshake',
      () => shake(hex()),
      (seen) => judgeStranger(seen, address, challenge),
    ),
    act(
      'delivery',
      null,
      () => deliver(sample(), appSecret),
      (seen) => judgeDelivery(seen, address),
    ),
    act(
      'wrong_signature',
      'delivery',
      () => deliver(sample(), hex()),
      (seen) => judgeForgery(seen, address),
    ),
  ];
}

/** As Meta calls an address before it believes in it; parameters that it has of its own stay. */
function withHandshake(address: URL, token: string, challenge: string): URL {
  const url = new URL(address);
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.verify_token', token);
  url.searchParams.set('hub.challenge', challenge);
  return url;
}

function worstOf(findings: readonly Finding[]): Check['result'] {
  if (findings.some(({ severity }) => severity === 'error')) return 'error';
  return findings.length > 0 ? 'warning' : 'ok';
}

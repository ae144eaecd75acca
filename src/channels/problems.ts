import { ChannelctlError } from '../shared/errors.ts';
import type { Problem } from './channel.ts';

/** A failure as an error among the problems. */
export function problemOf(part: string, error: ChannelctlError): Problem {
  const { description: message, hint, graph } = error;
  return { part, severity: 'error', message, hint, graph };
}

export function problem(
  part: string,
  severity: Problem['severity'],
  message: string,
  hint: string,
): Problem {
  return { part, severity, message, hint, graph: null };
}

/** What a part of a check read, or the problem that it could not be read. */
export type Part<Value> = { value: Value; problem: null } | { value: null; problem: Problem };

/** Reads one part of a check. What Meta refuses is a problem of that part; the others go on. */
export async function readPart<Value>(part: string, read: Promise<Value>): Promise<Part<Value>> {
  try {
    return { value: await read, problem: null };
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    if (error.kind !== 'graph' && error.kind !== 'not_allowed') throw error;
    return { value: null, problem: problemOf(part, error) };
  }
}

/** Keeps one problem of a dead token, which every call with it meets. */
export function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const isDeadToken = ({ graph }: Problem) => graph?.code === 190 || graph?.code === 102;
  const first = problems.find((one) => one.part === 'token' && one.severity === 'error');
  return problems.filter((one) => one === first || first === undefined || !isDeadToken(one));
}

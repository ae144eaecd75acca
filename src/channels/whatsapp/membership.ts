import type { Credentials, Graph } from '../../graph/graph.ts';
import {
  isMissingObject,
  isMissingPermission,
  MESSAGES,
} from '../../graph/operations/error-codes.ts';
import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import type { NumberIds } from './number.ts';

/**
 * Whether a number belongs to a WABA. `portfolio`: the WABA ID is that of a business portfolio;
 * `inaccessible`: the token has no access to the WABA; `unknown`: Meta does not list the numbers.
 */
export type Membership = 'member' | 'other' | 'portfolio' | 'inaccessible' | 'unknown';

export async function listNumberIds(
  graph: Graph,
  credentials: Credentials,
  waba_id: string,
): Promise<ReadonlySet<string>> {
  const parameters = { waba_id, fields: 'id', limit: 100 };
  const numbers = await graph.list('listPhoneNumbers', parameters, credentials);
  return new Set(numbers.map(({ id }) => id));
}

export async function readMembership(
  graph: Graph,
  credentials: Credentials,
  { phoneNumberId, wabaId }: NumberIds,
): Promise<Membership> {
  try {
    const numbers = await listNumberIds(graph, credentials, wabaId);
    return numbers.has(phoneNumberId) ? 'member' : 'other';
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    if (isPortfolioError(error)) return 'portfolio';
    if (isInaccessible(error.graph)) return 'inaccessible';
    if (['not_allowed', 'graph'].includes(error.kind)) return 'unknown';
    throw error;
  }
}

export function isPortfolioError(error: unknown): boolean {
  if (!(error instanceof ChannelctlError)) return false;
  return MESSAGES.portfolio.test(error.graph?.message ?? '');
}

function isInaccessible(graph: GraphErrorBody | null): boolean {
  if (graph === null) return false;
  const { code, subcode, message } = graph;
  return isMissingObject(code, subcode) || isMissingPermission(code, message);
}

/**
 * Returns the error for a number that does not belong to the WABA; null if it does, or if this is
 * unknown.
 *
 * @param correct how to correct the WABA ID
 */
export function membershipError(
  { phoneNumberId, wabaId }: NumberIds,
  membership: Membership,
  kind: 'usage' | 'graph',
  correct: string,
): ChannelctlError | null {
  const hint = `${correct} WhatsApp Manager shows the numbers of each WABA.`;
  if (membership === 'portfolio') {
    return new ChannelctlError(kind, `The waba_id ${wabaId} is not the ID of a WABA.`, {
      reason: 'It is the ID of a business portfolio.',
      hint,
    });
  }
  if (membership !== 'other') return null;
  return new ChannelctlError(kind, `Number ${phoneNumberId} does not belong to WABA ${wabaId}.`, {
    hint,
  });
}

export function correctWaba(accountName: string, wabaId = '<WABA ID>'): string {
  return `Correct the WABA ID: channelctl accounts update ${accountName} --config waba_id=${wabaId}.`;
}

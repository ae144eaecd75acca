import type { StoredAccount } from '../../profile/types.ts';
import type { Result } from '../../shared/problem.ts';
import type { TokenInspection } from '../meta/inspect-token.ts';
import { tokenProblems } from '../meta/token-judgement.ts';
import { renewCommand } from './number.ts';
import type { NumberProblem } from './problems.ts';

/** The permissions that must be granted for the WABA, if they are granted per object. */
const PERMISSIONS = ['whatsapp_business_management', 'whatsapp_business_messaging'];

/**
 * Returns the problems of a business token. An invalid token is not one of them, because every
 * other call reports it.
 *
 * @param inspection null if the app's ID or secret is unknown
 * @param options `isWabaWrong`: whether the WABA ID is or may be wrong, in which case permissions
 *   for it are not checked
 */
export function businessTokenProblems(
  inspection: Result<TokenInspection> | null,
  account: StoredAccount,
  { appId, isWabaWrong, now }: { appId: string | null; isWabaWrong: boolean; now: Date },
): NumberProblem[] {
  const stored = account.config.token_expires_at;
  const problems = tokenProblems(inspection, {
    appId,
    permissions: isWabaWrong ? [] : PERMISSIONS,
    target: { label: 'WABA', id: String(account.config.waba_id) },
    renewHint: `Store a token of app ${appId} that has access to the WABA: ${renewCommand(account)}`,
    extendHint: `Renew it: channelctl tokens refresh whatsapp/${account.account_key}`,
    appCommand: 'channelctl integrations set whatsapp',
    storedExpiry: typeof stored === 'string' ? stored : null,
    now,
  });
  return problems.map((one) => ({ ...one, part: 'waba' }));
}

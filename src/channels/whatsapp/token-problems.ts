import type { StoredAccount } from '../../profile/types.ts';
import type { Result } from '../../shared/problem.ts';
import { expiryProblem } from '../channel.ts';
import type { TokenInspection } from '../meta/inspect-token.ts';
import { renewCommand } from './number.ts';
import type { NumberProblem } from './problems.ts';

/** Meta's message if a token is inspected by an app other than the one that issued it. */
const OTHER_APP = /did not match the Viewing App/;

/** Whether the token was issued by an app other than ours. */
export function isOfOtherApp(inspection: Result<TokenInspection> | null): boolean {
  return OTHER_APP.test(inspection?.error?.graph?.message ?? '');
}

/**
 * The problems of a business token, which is valid for the whole WABA: it belongs to another app, or
 * it expires. An invalid token is not reported here, because every other call fails too.
 *
 * @param inspection null if the app's ID or secret is unknown
 */
export function tokenProblems(
  inspection: Result<TokenInspection> | null,
  account: StoredAccount,
  { appId, now }: { appId: string | null; now: Date },
): NumberProblem[] {
  if (isOfOtherApp(inspection)) {
    return [
      {
        part: 'waba',
        severity: 'error',
        message: `The access token belongs to another app, not to the app ${appId}.`,
        hint: `Store a token for the app ${appId}: ${renewCommand(account)}; or correct app_id and app_secret: channelctl integrations set whatsapp`,
        graph: inspection?.error?.graph ?? null,
      },
    ];
  }
  const stored = account.config.token_expires_at;
  const expiresAt = inspection?.value?.expires_at ?? (typeof stored === 'string' ? stored : null);
  if (expiresAt === null || inspection?.value?.is_valid === false) return [];
  const hint = `Renew it: channelctl tokens refresh whatsapp/${account.account_key}`;
  const found = expiryProblem(expiresAt, hint, now);
  return found === null ? [] : [{ ...found, part: 'waba' }];
}

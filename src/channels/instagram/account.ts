import { accountName, type IdSource, upsertAccount } from '../../accounts/accounts.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';
import type { ProfileState, SecretEdits, StoredAccount } from '../../profile/types.ts';
import { continued } from '../../shared/continuation.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { NewToken } from '../channel.ts';
import { instagramWebhooks } from './webhooks.ts';

const CHANNEL = 'instagram';

export type InstagramProfile = AnswerOf<'getInstagramProfile'>;

/** Returns the token's profile. Webhooks and messages contain the same `user_id`. */
export function readProfile(graph: Graph, token: string): Promise<InstagramProfile> {
  const fields = 'user_id,username,name,account_type,profile_picture_url';
  return graph.call('getInstagramProfile', { fields }, { token });
}

export function storeProfile(
  draft: ProfileState,
  secrets: SecretEdits,
  profile: InstagramProfile,
  { token, expiresAt }: NewToken,
  context: IdSource & { divisionId: string | null },
): StoredAccount {
  const owner = { channel: CHANNEL, account_key: `ig-${profile.user_id}` };
  const access_token = secrets.put(ownerName(owner), 'access_token', token);
  return upsertAccount(
    draft,
    {
      ...owner,
      config: {
        ig_user_id: profile.user_id,
        username: profile.username ?? undefined,
        token_expires_at: expiresAt ?? undefined,
      },
      secrets: { access_token },
      display_name: profile.name || profile.username || null,
      initial: { division_id: context.divisionId },
    },
    context,
  );
}

/**
 * Subscribes the app to the webhooks of an account's profile. The call can be repeated safely.
 *
 * @throws ChannelctlError with the command that repeats the call
 */
export async function subscribeAccount(
  graph: Graph,
  { account, credentials }: { account: StoredAccount; credentials: Credentials },
): Promise<void> {
  const subscribed_fields = instagramWebhooks.fields.join(',');
  const command = `channelctl instagram subscribe ${accountName(account)}`;
  const message = `The app is not subscribed to the webhooks of ${accountName(account)}.`;
  try {
    await graph.call('subscribeInstagram', { subscribed_fields }, credentials);
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    const isCancelled = error.kind === 'cancelled';
    throw continued(isCancelled ? error : error.with({ message, reason: error.description }), {
      done: 'The account is stored.',
      next: `To subscribe the app, run: ${command}`,
    });
  }
}

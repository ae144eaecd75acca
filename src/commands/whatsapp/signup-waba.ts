import type { AppCredentials } from '../../channels/meta/app-credentials.ts';
import { inspectToken } from '../../channels/meta/inspect-token.ts';
import { readMembership } from '../../channels/whatsapp/membership.ts';
import type { SignupCredentials } from '../../channels/whatsapp/signup.ts';
import { storeSignupToken } from '../../channels/whatsapp/signup.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/redactor.ts';
import { joinSentences } from '../../shared/text.ts';
import type { CommandContext } from '../shared/command-context.ts';

/**
 * Returns the WABA that the token has access to, if the sign-up message was lost or did not name
 * exactly one. Stores the token first, because the code works only once.
 *
 * @throws ChannelctlError if several or none remain, with the command that continues
 */
export async function resolveWaba(
  phoneNumberId: string | null,
  app: AppCredentials,
  credentials: SignupCredentials,
  context: CommandContext,
): Promise<string> {
  await storeSignupToken(null, credentials, context.profile);
  try {
    return await chooseWaba(phoneNumberId, app, credentials, context);
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    const command = `channelctl whatsapp signup --waba-id <id> --phone-number-id ${phoneNumberId ?? '<id>'}`;
    throw error.with({
      reason: joinSentences(error.reason, 'The token of the sign-up is stored.'),
      hint: joinSentences(error.hint, `To continue, run: ${command}`),
    });
  }
}

async function chooseWaba(
  phoneNumberId: string | null,
  app: AppCredentials,
  credentials: SignupCredentials,
  context: CommandContext,
): Promise<string> {
  const graph = await context.graph();
  const clean = (text: string) => sanitize(text, context.redactor);
  const { targets } = await inspectToken(graph, app, credentials.token, clean);
  const ids = targets.get('whatsapp_business_management') ?? [];
  const [only, ...others] = await withNumber(ids);
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined && context.terminal.interactive) {
    const choices = [only, ...others].map((id) => ({ value: id, label: id }));
    return context.terminal.chooseOne('Which WABA do you want to connect?', choices);
  }
  throw new ChannelctlError('graph', 'Facebook returned no WABA ID.', {
    reason:
      only === undefined
        ? 'The token does not grant access to a WABA.'
        : `The token has access to the WABAs ${[only, ...others].join(', ')}.`,
    hint: 'Find the WABA ID in WhatsApp Manager.',
  });

  /** Returns the WABAs with the number chosen on Facebook; all WABAs if no number was chosen. */
  async function withNumber(wabaIds: readonly string[]): Promise<readonly string[]> {
    if (phoneNumberId === null || wabaIds.length < 2) return wabaIds;
    const memberships = await Promise.all(
      wabaIds.map((wabaId) => readMembership(graph, credentials, { phoneNumberId, wabaId })),
    );
    return wabaIds.filter((_id, index) => memberships[index] === 'member');
  }
}

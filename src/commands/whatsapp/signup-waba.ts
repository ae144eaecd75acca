import type { FinishedSignup } from '../../auth/embedded-signup/signup-result.ts';
import type { AppCredentials } from '../../channels/meta/app-credentials.ts';
import { inspectToken } from '../../channels/meta/inspect-token.ts';
import { readMembership } from '../../channels/whatsapp/membership.ts';
import type { SignupCredentials } from '../../channels/whatsapp/signup.ts';
import { storeSignupToken } from '../../channels/whatsapp/signup.ts';
import type { Credentials } from '../../graph/graph.ts';
import { afterSteps } from '../../shared/continuation.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/foreign/sanitize.ts';
import { resultOf } from '../../shared/problem.ts';
import type { CommandContext } from '../shared/command-context.ts';

export type SignupIds = Pick<FinishedSignup, 'phoneNumberId' | 'wabaIds'>;

/**
 * Returns the WABA that the token has access to, if the sign-up message was lost or did not name
 * exactly one. Stores the token first, because the code works only once.
 *
 * @throws ChannelctlError if there is no such WABA, with the command that continues
 */
export async function resolveWaba(
  ids: SignupIds,
  app: AppCredentials,
  credentials: SignupCredentials,
  context: CommandContext,
): Promise<string> {
  await storeSignupToken(null, credentials, context.profile);
  const command = `channelctl whatsapp signup --waba-id <id> --phone-number-id ${ids.phoneNumberId ?? '<id>'}`;
  const continuation = {
    done: 'The token of the sign-up is stored.',
    next: `To continue, run: ${command}`,
  };
  return afterSteps(continuation, () => chooseWaba(ids, app, credentials, context));
}

/** Chooses a WABA: the only possible one, one chosen at the terminal, or else the newest. */
async function chooseWaba(
  { phoneNumberId, wabaIds }: SignupIds,
  app: AppCredentials,
  credentials: SignupCredentials,
  context: CommandContext,
): Promise<string> {
  const granted = await grantedWabas(app, credentials, context);
  const named = granted.filter((id) => wabaIds.includes(id));
  const candidates = named.length > 0 ? named : granted;
  const [newest, ...others] =
    phoneNumberId === null || candidates.length < 2
      ? candidates
      : await wabasOfNumber(phoneNumberId, candidates, credentials, context);
  if (newest === undefined) {
    throw new ChannelctlError('graph', 'Facebook returned no WABA ID.', {
      reason: 'The token does not grant access to a WABA.',
      hint: 'Find the WABA ID in WhatsApp Manager.',
    });
  }
  if (others.length === 0) return newest;
  if (context.terminal.interactive) {
    const choices = [newest, ...others].map((id) => ({
      value: id,
      label: id,
      note: id === newest ? 'newest' : '',
    }));
    return context.terminal.chooseOne('Which WABA do you want to connect?', choices);
  }
  context.warn(
    `Facebook did not name the WABA. The token has access to ${[newest, ...others].join(', ')}; the newest one, ${newest}, was chosen.`,
    'To connect another one, sign up again and choose it.',
  );
  return newest;
}

/**
 * Returns the WABA that has the number, among those that the token has access to; null if unknown.
 */
export async function findWaba(
  phoneNumberId: string,
  app: AppCredentials,
  credentials: Credentials,
  context: CommandContext,
): Promise<string | null> {
  const { value } = await resultOf(grantedWabas(app, credentials, context));
  const [only, ...others] = await wabasOfNumber(phoneNumberId, value ?? [], credentials, context);
  return only !== undefined && others.length === 0 ? only : null;
}

/** Returns the token's WABAs, the newest first (Meta, "Embedded Signup, managing accounts"). */
async function grantedWabas(
  app: AppCredentials,
  { token }: Credentials,
  context: CommandContext,
): Promise<readonly string[]> {
  const clean = (text: string) => sanitize(text, context.redactor);
  const { targets } = await inspectToken(await context.graph(), app, token, clean);
  return targets.get('whatsapp_business_management') ?? [];
}

async function wabasOfNumber(
  phoneNumberId: string,
  wabaIds: readonly string[],
  credentials: Credentials,
  context: CommandContext,
): Promise<readonly string[]> {
  const graph = await context.graph();
  const memberships = await Promise.all(
    wabaIds.map((wabaId) => readMembership(graph, credentials, { phoneNumberId, wabaId })),
  );
  return wabaIds.filter((_id, index) => memberships[index] === 'member');
}

import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { readNumber } from '../../channels/whatsapp/api.ts';
import { pinInVariable, registerAccount } from '../../channels/whatsapp/pin.ts';
import {
  assertRegistrable,
  BUSINESS_APP_KEY,
  businessAppError,
  registerHint,
  staysInBusinessApp,
} from '../../channels/whatsapp/registration.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';

export const register = defineCommand({
  name: 'register',
  summary: "Register an account's number with its PIN",
  role: 'admin',
  examples: [
    { line: 'whatsapp register wa-1045', about: "With the account's stored PIN" },
    {
      line: 'accounts update wa-1045 --config pin=@pin.txt',
      about: 'Store the current PIN first, if two-step verification is already on',
    },
  ],
  notes:
    'Meta allows 10 attempts per number every 72 hours. If the account has no PIN, one is generated and stored.',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  async run({ account: named }, context) {
    const found = await loadWhatsAppAccount(named, context);
    const { account, name, ids, credentials } = found;
    if (staysInBusinessApp(account.config)) {
      throw businessAppError('registered', registerHint(name));
    }
    pinInVariable(context.env, account); // Throws if the PIN is invalid, before anything is sent.
    const number = await readNumber(await context.graph(), credentials, ids);
    assertRegistrable(
      number,
      `To record this in the account, run: channelctl accounts update ${name} --config ${BUSINESS_APP_KEY}=true (as with --no-register, the number works without registration).`,
    );
    await registerAccount(found, null, context);
    return { data: { success: true }, summary: `Registered the number for ${name}.` };
  },
});

import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { setPin as setPinAtMeta } from '../../channels/whatsapp/api.ts';
import { isPin, storePin } from '../../channels/whatsapp/pin.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { joinSentences } from '../../shared/text.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { PIN_OPTION, readPinOption } from './pin-option.ts';

export const setPin = defineCommand({
  name: 'pin set',
  summary: "Change a number's two-step verification PIN",
  role: 'admin',
  examples: [
    { line: 'whatsapp pin set wa-1045', about: 'Prompt for the PIN without echoing it' },
    { line: 'whatsapp pin set wa-1045 --pin @pin.txt', about: 'From a file' },
    { line: 'whatsapp pin set wa-1045 --pin env:NEW_PIN', about: 'From a variable' },
  ],
  notes: 'The PIN is set at Meta first, then stored in the account.',
  result: { fields: ['success'] },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  options: { [PIN_OPTION]: 'new PIN, six digits' },
  async run({ account: named, pin: value }, context) {
    const { account, name, ids, credentials } = await loadWhatsAppAccount(named, context);
    const pin = await readNewPin(value, context);
    // Make sure that the new PIN can be stored: once Meta has changed it, the stored PIN is wrong.
    await context.profile.assertWritable();
    await setPinAtMeta(await context.graph(), credentials, ids, pin);
    await storeNewPin(pin, account, name, context);
    return { data: { success: true }, summary: `Changed the PIN of ${name}.` };
  },
});

async function readNewPin(value: string | undefined, context: CommandContext): Promise<string> {
  if (value !== undefined) return readPinOption(value, context);
  if (!context.terminal.interactive) {
    throw usageError('No PIN was specified.', {
      hint: 'Pass --pin @file, --pin - or --pin env:NAME.',
    });
  }
  const answer = await context.terminal.askText('New PIN (six digits)', {
    secret: true,
    check: (text) => (isPin(text) ? undefined : 'A PIN must be exactly six digits.'),
  });
  const pin = answer.trim();
  context.redactor.add(pin);
  return pin;
}

async function storeNewPin(
  pin: string,
  account: StoredAccount,
  name: string,
  context: CommandContext,
): Promise<void> {
  try {
    await storePin(account, pin, context);
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    throw error.with({
      reason: joinSentences(
        error.reason,
        'Meta already has the new PIN; the account still has the old one.',
      ),
      hint: joinSentences(
        error.hint,
        `To store the new PIN, run: channelctl accounts update ${name} --config pin=@file`,
      ),
    });
  }
}

import { isPin } from '../../channels/whatsapp/pin.ts';
import { usageError } from '../../shared/errors.ts';
import type { CommandContext } from '../shared/command-context.ts';

export const PIN_OPTION = '--pin <@file|-|env:NAME|digits>';

/** @throws ChannelctlError `usage` unless the value of `--pin` is six digits */
export async function readPinOption(value: string, context: CommandContext): Promise<string> {
  const { readSecretOption } = await import('../shared/read-config-options.ts');
  return parsePin((await readSecretOption('--pin', 'pin', value, context)).trim());
}

function parsePin(pin: string): string {
  if (isPin(pin)) return pin;
  throw usageError('The PIN is invalid.', {
    reason: 'A PIN must be exactly six digits.',
    hint: 'Pass a valid PIN: --pin @file, --pin - or --pin env:NAME.',
  });
}

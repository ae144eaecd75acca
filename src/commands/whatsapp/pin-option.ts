import { isPin } from '../../channels/whatsapp/pin.ts';
import { usageError } from '../../shared/errors.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { readSecretOption } from '../shared/config-options.ts';

export const PIN_OPTION = '--pin <@file|-|env:NAME|digits>';

/** @throws ChannelctlError `usage` unless `--pin` gives six digits */
export async function readPinOption(value: string, context: CommandContext): Promise<string> {
  return parsePin((await readSecretOption('--pin', 'pin', value, context)).trim());
}

export function parsePin(pin: string): string {
  if (isPin(pin)) return pin;
  throw usageError("The PIN can't be used.", {
    reason: 'A PIN is exactly six digits.',
    hint: 'Give another: --pin @file, --pin - or --pin env:NAME.',
  });
}

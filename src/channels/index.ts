import { usageError } from '../shared/errors.ts';
import type { Channel } from './channel.ts';
import { email } from './email/index.ts';
import { instagram } from './instagram/index.ts';
import { messenger } from './messenger/index.ts';
import { whatsapp } from './whatsapp/index.ts';

/** Every channel, in the order in which they are listed. */
export const CHANNELS: readonly Channel[] = [whatsapp, messenger, instagram, email];

export const CHANNEL_NAMES = CHANNELS.map((channel) => channel.name);

/** The channel of that name. Throws a usage error that lists the channels. */
export function channelNamed(name: string): Channel {
  const channel = CHANNELS.find((candidate) => candidate.name === name);
  if (channel !== undefined) return channel;
  throw usageError(
    `There is no channel "${name}".`,
    `The channels are ${CHANNEL_NAMES.join(', ')}.`,
    'Use one of those.',
  );
}

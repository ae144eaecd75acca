import { usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { h: HOUR, d: DAY };

/**
 * Parses a duration such as `14d` or `36h` into seconds.
 *
 * @throws ChannelctlError `usage` that names the flag
 */
export function parseDuration(flag: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw usageError(`${flag} can't be "${text}".`, {
    reason: 'It is a number of days or hours.',
    hint: 'Write it as 14d or 36h.',
  });
}

/** Formats seconds from now: "in 59 days", "3 hours ago". */
export function formatRelativeTime(seconds: number): string {
  const size = Math.abs(seconds);
  const words = size >= 2 * DAY ? count(Math.floor(size / DAY), 'day') : formatHours(size);
  return seconds < 0 ? `${words} ago` : `in ${words}`;
}

function formatHours(seconds: number): string {
  return seconds < HOUR ? 'under an hour' : count(Math.floor(seconds / HOUR), 'hour');
}

/** @throws ChannelctlError `usage` if the value of `--port` is not a port */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`--port can't be "${text}".`, {
    reason: 'A port is a number from 0 to 65535.',
    hint: 'Leave it out, or pass 0 for a free one.',
  });
}

import { usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { h: HOUR, d: DAY };

/**
 * Parses a duration such as `14d` or `36h` into seconds.
 *
 * @throws ChannelctlError `usage` if it is not a duration
 */
export function parseDuration(flag: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw usageError(`Invalid value for ${flag}: "${text}".`, {
    reason: 'It must be a number of days or hours.',
    hint: 'Pass a duration such as 14d or 36h.',
  });
}

/** Formats a number of seconds from now as `in 59 days` or `3 hours ago`. */
export function formatRelativeTime(seconds: number): string {
  const size = Math.abs(seconds);
  const words = size >= 2 * DAY ? count(Math.floor(size / DAY), 'day') : formatHours(size);
  return seconds < 0 ? `${words} ago` : `in ${words}`;
}

function formatHours(seconds: number): string {
  return seconds < HOUR ? 'under an hour' : count(Math.floor(seconds / HOUR), 'hour');
}

/** @throws ChannelctlError `usage` if the value of `--port` is not a port number */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`Invalid value for --port: "${text}".`, {
    reason: 'A port is a number from 0 to 65535.',
    hint: 'Omit --port, or pass 0 to use any free port.',
  });
}

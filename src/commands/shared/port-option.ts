import { usageError } from '../../shared/errors.ts';

/** @throws ChannelctlError `usage` if the value of `--port` is not a port */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(
    `--port can't be "${text}".`,
    'A port is a number from 0 to 65535.',
    'Leave it out, or pass 0 for a free one.',
  );
}

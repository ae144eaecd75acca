import { createServer, type RequestListener, type Server } from 'node:http';
import { ChannelctlError, systemCode, usageError } from '../errors.ts';

/**
 * Listens on 127.0.0.1 and, where the machine has it, on the same port of ::1.
 *
 * @param who begins the message of a failure: `The sandbox`
 * @throws ChannelctlError of kind `conflict` where the port is taken
 */
export async function listen(
  listener: RequestListener,
  port: number,
  who: string,
): Promise<{ port: number; servers: Server[] }> {
  const first = createServer(listener);
  await bind(first, '127.0.0.1', port, who);
  const bound = first.address();
  const taken = typeof bound === 'object' && bound !== null ? bound.port : port;
  const second = createServer(listener);
  try {
    await bind(second, '::1', taken, who);
    return { port: taken, servers: [first, second] };
  } catch (error) {
    // A port that was free on 127.0.0.1 may be another program's on ::1; nobody asked for it by number.
    const isOptional = !(error instanceof ChannelctlError) || port === 0;
    if (isOptional) return { port: taken, servers: [first] };
    first.close();
    throw error;
  }
}

function bind(server: Server, host: string, port: number, who: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(bindError(error, port, who)));
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

function bindError(error: Error, port: number, who: string): Error {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new ChannelctlError('conflict', `${who} can not listen on port ${port}.`, {
        reason: 'Another program is using the port.',
        hint: 'Choose another one with --port, or --port 0 for any free one.',
      });
    case 'EACCES':
      return usageError(
        `${who} can not listen on port ${port}.`,
        'The system does not allow you to use this port.',
        'Choose one above 1023 with --port, or --port 0 for any free one.',
      );
    default:
      return error;
  }
}

import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { ChannelctlError, systemCode, usageError } from '../errors.ts';
import type { Certificate } from './certificate.ts';
import type { LoopbackPlace } from './redirect-uri.ts';

/** Limits that keep a stalled or hostile client from occupying the listener. Milliseconds. */
const LIMITS: ServerOptions = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  // A browser sends the cookies of everything else that ever ran on localhost along.
  maxHeaderSize: 32 * 1024,
};

const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface Listener {
  /** Stops listening and drops every connection at once; resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Listens at a place on this machine, on all of its addresses and on nothing else. `::1` may be
 * missing on the machine where `localhost` is meant; then `127.0.0.1` alone is served.
 *
 * @param certificate what to speak TLS with; null for plain HTTP
 * @param otherWay what else a person can do where nobody can listen, as the end of a sentence
 * @throws ChannelctlError of kind `conflict` where the port is taken on any of the addresses, and
 *   of kind `usage` where this process may not listen there
 */
export async function listenOnLoopback(
  place: LoopbackPlace,
  certificate: Certificate | null,
  handle: RequestListener,
  otherWay: string,
): Promise<Listener> {
  const listeners: Listener[] = [];
  for (const address of place.addresses) {
    try {
      listeners.push(await listenOn(address, place.port, newServer(certificate, handle)));
    } catch (error) {
      if (listeners.length > 0 && isMissingAddress(error)) continue;
      await closeAll(listeners);
      throw listenError(address, place.port, otherWay, error);
    }
  }
  return { close: () => closeAll(listeners) };
}

function newServer(certificate: Certificate | null, handle: RequestListener): Server {
  if (certificate === null) return createServer(LIMITS, handle);
  const { pem } = certificate;
  const tls = { key: pem, cert: pem, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  return createSecureServer({ ...LIMITS, ...tls }, handle);
}

async function listenOn(address: string, port: number, server: Server): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    // The handler stays: a connection that could not be accepted later is no reason to stop.
    server.on('error', reject);
    server.listen({ host: address, port, exclusive: true }, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // closeAllConnections() does not know those that are still shaking hands.
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function closeAll(listeners: readonly Listener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close()));
}

function isMissingAddress(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(systemCode(error) ?? '');
}

function listenError(
  address: string,
  port: number,
  otherWay: string,
  cause: unknown,
): ChannelctlError {
  const code = systemCode(cause);
  const failed = `channelctl can't listen on port ${port} of this machine (${address}).`;
  if (code === 'EADDRINUSE') {
    return new ChannelctlError('conflict', failed, {
      reason: `Another program, perhaps another sign-in, listens on port ${port} already.`,
      hint: `End that program, set redirect_uri to another registered port, or ${otherWay}.`,
      cause,
    });
  }
  const reason =
    code === 'EACCES'
      ? `Port ${port} may be listened on by the administrator of this machine only.`
      : `The system refuses it: ${code ?? String(cause)}.`;
  return usageError(
    failed,
    reason,
    `Set redirect_uri to a registered address with a port above 1023, or ${otherWay}.`,
  );
}

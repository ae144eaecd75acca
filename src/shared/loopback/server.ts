import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { ChannelctlError, systemCode } from '../errors.ts';
import type { Certificate } from './certificate.ts';

/** The loopback addresses of IPv4 and IPv6, which `localhost` may resolve to. */
export const LOOPBACK_ADDRESSES: readonly string[] = ['127.0.0.1', '::1'];

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A body up to this many times its limit is read to the end, so that the client sees the reply. */
const MAX_OVERSIZE = 64;

export interface LoopbackServer {
  port: number;
  /** Stops listening and drops every connection at once; resolves when the port is free. */
  close(): Promise<void>;
}

/** Why the server can't listen. */
export interface ListenFailure {
  address: string;
  port: number;
  /** The system's error code; undefined if it has none. */
  code: string | undefined;
}

export interface ListenErrorText {
  message: string;
  reason: string;
  hint: string;
}

export interface LoopbackServerOptions {
  /** Loopback IP addresses; the server listens on no others. */
  addresses: readonly string[];
  /** 0 takes a free port. */
  port: number;
  /** For TLS; null for plain HTTP. */
  certificate: Certificate | null;
  /** Time and size limits of Node's HTTP server. */
  limits: ServerOptions;
  handle: RequestListener;
  describeError(failure: ListenFailure): ListenErrorText;
}

/**
 * Listens on the same port of each address. Every address but the first may be missing on the
 * machine, as `::1` is without IPv6.
 *
 * @throws ChannelctlError of kind `conflict` if the port is in use, `usage` if the system does not
 *   permit listening on it
 */
export async function startLoopbackServer(options: LoopbackServerOptions): Promise<LoopbackServer> {
  const servers: LoopbackServer[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  let { port } = options;
  for (const address of options.addresses) {
    try {
      const server = await listen(newServer(options), address, port);
      servers.push(server);
      port = server.port;
    } catch (error) {
      // A port that the system chose on the first address may be in use on the next one.
      if (servers.length > 0 && (options.port === 0 || isMissingAddress(error))) continue;
      await close();
      throw listenError(options, { address, port, code: systemCode(error) }, error);
    }
  }
  return { port, close };
}

/**
 * Serves plain HTTP on 127.0.0.1 and ::1, at a port that `--port` names.
 *
 * @param name begins the message of an error: `The sandbox`
 * @throws ChannelctlError as `startLoopbackServer` does
 */
export function listenOnPort(
  port: number,
  handle: RequestListener,
  name: string,
): Promise<LoopbackServer> {
  return startLoopbackServer({
    addresses: LOOPBACK_ADDRESSES,
    port,
    certificate: null,
    limits: {},
    handle,
    describeError: (failure) => portErrorText(name, failure),
  });
}

/** The whole body of a request; null if it is larger than `maxBytes`. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // A client that is cut off while it sends does not see the reply, so reading continues.
    if (size <= maxBytes) chunks.push(chunk);
    else if (size > maxBytes * MAX_OVERSIZE) request.destroy();
  }
  return size > maxBytes ? null : Buffer.concat(chunks);
}

function newServer({ certificate, limits, handle }: LoopbackServerOptions): Server {
  if (certificate === null) return createServer(limits, handle);
  const { pem } = certificate;
  const tls = { key: pem, cert: pem, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  return createSecureServer({ ...limits, ...tls }, handle);
}

async function listen(server: Server, host: string, port: number): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    // The handler is not removed: a connection that can't be accepted later is no reason to stop.
    server.on('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // closeAllConnections() does not include connections during their TLS handshake.
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function isMissingAddress(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(systemCode(error) ?? '');
}

function listenError(
  { describeError }: LoopbackServerOptions,
  failure: ListenFailure,
  cause: unknown,
): ChannelctlError {
  const { message, reason, hint } = describeError(failure);
  const kind = failure.code === 'EADDRINUSE' ? 'conflict' : 'usage';
  return new ChannelctlError(kind, message, { reason, hint, cause });
}

function portErrorText(name: string, { port, code }: ListenFailure): ListenErrorText {
  const message = `${name} can not listen on port ${port}.`;
  if (code === 'EADDRINUSE') {
    return {
      message,
      reason: 'Another program is using the port.',
      hint: 'Choose another one with --port, or --port 0 for any free one.',
    };
  }
  return {
    message,
    reason:
      code === 'EACCES'
        ? 'The system does not allow you to use this port.'
        : `The system refuses it: ${code ?? 'unknown error'}.`,
    hint: 'Choose one above 1023 with --port, or --port 0 for any free one.',
  };
}

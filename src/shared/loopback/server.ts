import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { platform } from 'node:os';
import { ChannelctlError, systemCode } from '../errors.ts';
import type { Certificate } from './certificate.ts';

export const LOOPBACK_ADDRESSES: readonly string[] = ['127.0.0.1', '::1'];

const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface LoopbackServer {
  port: number;
  /** Stops listening and closes every connection immediately; resolves when the port is free. */
  close(): Promise<void>;
}

export interface ListenFailure {
  address: string;
  port: number;
  code: string | undefined;
}

export interface ListenErrorText {
  message: string;
  reason: string;
  hint: string;
}

export interface LoopbackServerOptions {
  addresses: readonly string[];
  /** 0 selects a free port. */
  port: number;
  /** The certificate for TLS; null for plain HTTP. */
  certificate: Certificate | null;
  limits: ServerOptions;
  handle: RequestListener;
  describeError(failure: ListenFailure): ListenErrorText;
  /**
   * Called for TLS to a plain server, or plain HTTP to a TLS server. Returns an HTML page for the
   * browser, which can show it only after plain HTTP.
   */
  onOtherScheme?(): string;
}

/**
 * Listens on the same port of every address. Any address except the first is skipped if it does not
 * exist, such as `::1` on a machine without IPv6.
 *
 * @throws ChannelctlError `conflict` if the port is in use, `usage` if the system does not allow
 *   listening on it
 */
export async function startLoopbackServer(options: LoopbackServerOptions): Promise<LoopbackServer> {
  const servers: LoopbackServer[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  let { port } = options;
  for (const address of options.addresses) {
    try {
      const server = await listen(options, address, port);
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
 * Serves plain HTTP on 127.0.0.1 and ::1, on the port set with `--port`.
 *
 * @param name the subject of error messages, such as `The sandbox`
 * @param onTls called when the first client uses TLS
 * @throws ChannelctlError as `startLoopbackServer` does
 */
export function listenOnPort(
  port: number,
  handle: RequestListener,
  name: string,
  onTls: () => void,
): Promise<LoopbackServer> {
  let isTlsSeen = false;
  return startLoopbackServer({
    addresses: LOOPBACK_ADDRESSES,
    port,
    certificate: null,
    limits: {},
    handle,
    describeError: (failure) => portErrorText(name, failure),
    onOtherScheme() {
      if (!isTlsSeen) onTls();
      isTlsSeen = true;
      return '';
    },
  });
}

function newServer({ certificate, limits, handle }: LoopbackServerOptions): Server {
  if (certificate === null) return createServer(limits, handle);
  const { pem } = certificate;
  const tls = { key: pem, cert: pem, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  return createSecureServer({ ...limits, ...tls }, handle);
}

/** The HTTP statuses for requests that Node.js cannot parse, by the code of its error. */
const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** The first byte of a TLS connection. */
const TLS_HANDSHAKE = 0x16;

async function listen(
  options: LoopbackServerOptions,
  host: string,
  port: number,
): Promise<LoopbackServer> {
  const server = newServer(options);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('clientError', (error: ClientError, socket: Socket) => {
    const { code = '', rawPacket } = error;
    if (rawPacket?.[0] === TLS_HANDSHAKE) {
      options.onOtherScheme?.();
      socket.destroy();
    } else if (code === 'ERR_SSL_HTTP_REQUEST') {
      // The TLS socket is destroyed already, but the TCP socket under it can still send.
      const raw = [...sockets].find(({ remotePort }) => remotePort === socket.remotePort);
      raw?.end(plainResponse('400 Bad Request', options.onOtherScheme?.() ?? ''));
    } else if (socket.writable && !code.startsWith('ERR_SSL')) {
      socket.end(plainResponse(STATUSES[code] ?? '400 Bad Request', ''));
    } else {
      socket.destroy();
    }
  });
  await new Promise<void>((resolve, reject) => {
    // The handler is not removed, so that the server keeps running if a later connection fails.
    server.on('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // closeAllConnections() does not close connections that are still in the TLS handshake.
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface ClientError extends Error {
  code?: string;
  rawPacket?: Buffer;
}

function plainResponse(status: string, html: string): string {
  return [
    `HTTP/1.1 ${status}`,
    `Content-Type: text/${html === '' ? 'plain' : 'html'}; charset=utf-8`,
    'Connection: close',
    '',
    html,
  ].join('\r\n');
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

/** Returns why the system refuses to listen on a port. */
export function refusedPort(system: string = platform()): string {
  return system === 'win32'
    ? 'Windows reserves the port. To list the reserved ports, run: netsh interface ipv4 show excludedportrange tcp'
    : 'Using this port requires administrator privileges.';
}

function portErrorText(name: string, { port, code }: ListenFailure): ListenErrorText {
  const message = `${name} cannot listen on port ${port}.`;
  if (code === 'EADDRINUSE') {
    return {
      message,
      reason: 'Another program is using the port.',
      hint: 'Choose another port with --port, or pass --port 0 to use any free port.',
    };
  }
  return {
    message,
    reason: code === 'EACCES' ? refusedPort() : `System error: ${code ?? 'unknown'}.`,
    hint: 'Choose a port above 1023 with --port, or pass --port 0 to use any free port.',
  };
}

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

type Session = (line: string) => readonly string[];

export interface Script {
  tls?: TlsOptions | undefined;
  greeting: string;
  /** Creates the session of a connection. Without one, the server never replies. */
  session?(): Session;
}

export async function startScript({ tls, greeting, session }: Script) {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    const answer = session?.();
    socket.on('error', () => {}); // The program may close the connection at any time.
    socket.write(`${greeting}\r\n`);
    const lines = createInterface(socket).on('error', () => {});
    lines.on('line', (line) => {
      const replies = answer?.(line) ?? [];
      for (const reply of replies) socket.write(`${reply}\r\n`);
      if (replies.some((reply) => /^\* BYE |^[24]21 /.test(reply))) socket.end();
    });
  };
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

/** @param replyTo the answer to a sign-in: untagged (`* BYE …`), or without its tag (`NO …`) */
export function imapSession(
  replyTo: (user: string) => string,
  capabilities = 'IMAP4rev1 AUTH=PLAIN',
): Session {
  let signInTag: string | null = null;
  const answer = (tag: string, user: string) => {
    const reply = replyTo(user);
    return [reply.startsWith('* ') ? reply : `${tag} ${reply}`];
  };
  return (line) => {
    const [tag = '', verb = '', first = ''] = line.split(' ');
    if (signInTag !== null) {
      const signIn = answer(signInTag, userOf(line));
      signInTag = null;
      return signIn;
    }
    if (verb === 'AUTHENTICATE') {
      signInTag = tag;
      return ['+ '];
    }
    if (verb === 'LOGIN') return answer(tag, first.replaceAll('"', ''));
    if (verb === 'CAPABILITY') return [`* CAPABILITY ${capabilities}`, `${tag} OK done`];
    return [...(verb === 'LOGOUT' ? ['* BYE bye'] : []), `${tag} OK done`];
  };
}

export function smtpSession(
  replyTo: (user: string) => string,
  ehlo: readonly string[] = ['AUTH PLAIN LOGIN'],
): Session {
  return (line) => {
    const [verb = '', , initial = ''] = line.split(' ');
    if (verb === 'AUTH') return replyTo(userOf(initial)).split('\n');
    if (verb === 'QUIT') return ['221 bye'];
    const lines = ['mail.example', ...ehlo];
    return lines.map((text, index) => `250${index < lines.length - 1 ? '-' : ' '}${text}`);
  };
}

/** @param initial the message of SASL PLAIN in base64 (RFC 4616) */
function userOf(initial: string): string {
  return Buffer.from(initial, 'base64').toString('utf8').split('\0')[1] ?? '';
}

import type { AddressInfo, Server, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Home, home } from './cli.ts';
import { MAILBOX } from './mail-server.ts';

type Config = Record<string, string | number>;

export async function mailbox(
  config: Config,
  extra: Record<string, string> = {},
  started: (own: Home) => Home = (own) => own,
) {
  const password = { CHANNELCTL_SECRET_EMAIL_SUPPORT_PASSWORD: MAILBOX.password };
  const desk = started(await home({ CHANNELCTL_SECRETS: 'env', ...password, ...extra }));
  const settings = { address: 'support@example.com', username: MAILBOX.username, ...config };
  const pairs = Object.entries(settings).flatMap(([key, value]) => ['--config', `${key}=${value}`]);
  await desk.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support', ...pairs],
  );
  const check = async (...args: string[]) => {
    const result = await desk.cli('email', 'check', 'support', '--json', ...args);
    return { ...result, health: JSON.parse(result.stdout || 'null') };
  };
  return { ...desk, check };
}

export function onLocalhost({ imap, smtp }: { imap: number; smtp: number }): Config {
  return { imap_host: 'localhost', imap_port: imap, smtp_host: 'localhost', smtp_port: smtp };
}

export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // The program may close the connection at any time.
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return (server.address() as AddressInfo).port;
}

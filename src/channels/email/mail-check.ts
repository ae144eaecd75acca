import type { Checking } from '../channel.ts';
import { logIn } from './mail-login.ts';
import { type MailProblem, MailTimeout, mailProblem, speaksInTheClear } from './mail-problems.ts';
import { type MailProtocol, type MailService, mailServices } from './mail-settings.ts';

/** How one service of a mailbox is. */
export interface ServiceHealth {
  ok: boolean;
  host: string;
  port: number;
  problem: MailProblem | null;
}

/** Seconds that a sign-in may take. */
export const SIGN_IN_LIMIT = 30;

/**
 * Signs in to both services of a mailbox at the same time.
 *
 * @param seconds how long each may take
 * @throws ChannelctlError of kind `usage` where the account lacks settings
 */
export async function checkMailbox(
  { account, secrets, sanitize }: Checking,
  seconds: number,
): Promise<Record<MailProtocol, ServiceHealth>> {
  const services = mailServices(account, secrets.get('password'));
  const [imap, smtp] = await Promise.all([
    checkService(services.imap, seconds, sanitize),
    checkService(services.smtp, seconds, sanitize),
  ]);
  return { imap, smtp };
}

async function checkService(
  service: MailService,
  seconds: number,
  sanitize: (text: string) => string,
): Promise<ServiceHealth> {
  const { host, port } = service;
  try {
    await signIn(service, seconds * 1000);
    return { ok: true, host, port, problem: null };
  } catch (error) {
    return { ok: false, host, port, problem: mailProblem(error, service, seconds, sanitize) };
  }
}

/** On a port that does not tell, TLS from the start is tried first, then STARTTLS. */
async function signIn(service: MailService, timeLimit: number): Promise<void> {
  const deadline = AbortSignal.timeout(timeLimit);
  const attempt = (secure: boolean) => untilAborted(logIn(service, secure, timeLimit), deadline);
  if (service.tlsStart !== 'either') return attempt(service.tlsStart === 'implicit');
  try {
    await attempt(true);
  } catch (error) {
    if (!speaksInTheClear(error)) throw error;
    await attempt(false);
  }
}

async function untilAborted(
  { done, stop }: ReturnType<typeof logIn>,
  deadline: AbortSignal,
): Promise<void> {
  done.catch(() => {}); // What fails after the deadline is of no interest.
  try {
    await Promise.race([
      done,
      new Promise<never>((_resolve, reject) => {
        const late = () => reject(new MailTimeout());
        if (deadline.aborted) late();
        else deadline.addEventListener('abort', late, { once: true });
      }),
    ]);
  } finally {
    stop();
  }
}

import type { Problem } from '../../shared/problem.ts';
import type { AccountCheck, AccountCheckContext } from '../channel.ts';
import type { MailLogin } from './login.ts';
import { isPlaintextServer, type MailProblem, MailTimeout, mailProblem } from './problems.ts';
import { type MailProtocol, type MailService, mailServices } from './settings.ts';

/** Checks that a mailbox accepts the credentials over IMAP and SMTP. */
export const checkEmail: AccountCheck = async (checking) => {
  const { imap, smtp } = await checkMailbox(checking, SIGN_IN_TIMEOUT_SECONDS);
  return {
    problems: mailboxProblems({ imap, smtp }),
    delivery: null,
    details: { imap, smtp },
  };
};

/** Converts the problems of both services to account problems. */
export function mailboxProblems(health: Record<MailProtocol, ServiceHealth>): Problem[] {
  return (['imap', 'smtp'] as const).flatMap((part) => {
    const { problem } = health[part];
    if (problem === null) return [];
    const { message, hint } = problem;
    return [{ part, severity: 'error', message, hint, graph: null }];
  });
}

export interface ServiceHealth {
  ok: boolean;
  host: string;
  port: number;
  problem: MailProblem | null;
}

export const SIGN_IN_TIMEOUT_SECONDS = 30;

/**
 * Signs in to both services of a mailbox at the same time.
 *
 * @param seconds how long each may take
 * @throws ChannelctlError of kind `usage` if settings are missing
 */
export async function checkMailbox(
  { account, secrets, sanitize }: AccountCheckContext,
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

/** On a port without a fixed use, implicit TLS is tried first, then STARTTLS. */
async function signIn(service: MailService, timeoutMs: number): Promise<void> {
  const { logIn } = await import('./login.ts');
  const deadline = AbortSignal.timeout(timeoutMs);
  const attempt = (secure: boolean) => untilAborted(logIn(service, secure, timeoutMs), deadline);
  if (service.tlsStart !== 'either') return attempt(service.tlsStart === 'implicit');
  try {
    await attempt(true);
  } catch (error) {
    if (!isPlaintextServer(error)) throw error;
    await attempt(false);
  }
}

async function untilAborted({ done, stop }: MailLogin, deadline: AbortSignal): Promise<void> {
  done.catch(() => {}); // A failure after the deadline is ignored.
  try {
    await Promise.race([
      done,
      new Promise<never>((_resolve, reject) => {
        const timeOut = () => reject(new MailTimeout());
        if (deadline.aborted) timeOut();
        else deadline.addEventListener('abort', timeOut, { once: true });
      }),
    ]);
  } finally {
    stop();
  }
}

import type { StoredAccount } from '../../profile/types.ts';
import { type Problem, problem } from '../../shared/problem.ts';
import type { AccountCheck, AccountCheckContext } from '../channel.ts';
import type { MailLogin } from './login.ts';
import { isPlaintextServer, type MailProblem, MailTimeout, mailProblem } from './problems.ts';
import {
  addServersCommand,
  MAIL_PROTOCOLS,
  type MailService,
  mailServices,
  type PerService,
} from './settings.ts';

/** Checks that a mailbox accepts the credentials over IMAP and SMTP. */
export const checkEmail: AccountCheck = async (checking) => {
  const { imap, smtp } = await checkMailbox(checking, SIGN_IN_TIMEOUT_SECONDS);
  const problems =
    imap === null && smtp === null
      ? [unconfigured(checking.account)]
      : mailboxProblems({ imap, smtp });
  return { problems, delivery: null, details: { imap, smtp } };
};

function unconfigured(account: Pick<StoredAccount, 'account_key'>): Problem {
  const message = 'Neither IMAP nor SMTP is configured, so the mailbox was not checked.';
  return problem('account', 'warning', message, `Run: ${addServersCommand(account)}`);
}

/** Converts the problems of the configured services to account problems. */
export function mailboxProblems(health: PerService<ServiceHealth>): Problem[] {
  return MAIL_PROTOCOLS.flatMap((part) => {
    const { problem = null } = health[part] ?? {};
    if (problem === null) return [];
    const { message, hint } = problem;
    return [{ part, severity: 'error', message, hint, graph: null }];
  });
}

export interface ServiceHealth {
  ok: boolean;
  /** In ASCII, as DNS and certificates contain it. */
  host: string;
  port: number;
  problem: MailProblem | null;
}

export const SIGN_IN_TIMEOUT_SECONDS = 30;

/**
 * Signs in to the configured services of a mailbox at the same time.
 *
 * @param seconds how long each may take
 * @throws ChannelctlError of kind `usage` if settings of a configured service are missing
 */
export async function checkMailbox(
  { account, secrets, sanitize }: AccountCheckContext,
  seconds: number,
): Promise<PerService<ServiceHealth>> {
  const services = mailServices(account, secrets.get('password'));
  const check = (service: MailService | null) =>
    service === null ? null : checkService(service, seconds, sanitize);
  const [imap, smtp] = await Promise.all([check(services.imap), check(services.smtp)]);
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

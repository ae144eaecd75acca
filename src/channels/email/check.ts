import type { StoredAccount } from '../../profile/types.ts';
import { type Problem, problem } from '../../shared/problem.ts';
import type { AccountCheck, AccountCheckContext } from '../channel.ts';
import type { MailLogin } from './login.ts';
import {
  alertProblem,
  isPlaintextServer,
  type MailProblem,
  MailTimeout,
  mailProblem,
  type ServerMessages,
} from './problems.ts';
import {
  addServersCommand,
  MAIL_PROTOCOLS,
  type MailService,
  mailServices,
  type PerService,
} from './settings.ts';

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

export function mailboxProblems(health: PerService<ServiceHealth>): Problem[] {
  return MAIL_PROTOCOLS.flatMap((part) => {
    const { ok, problem } = health[part] ?? { ok: true, problem: null };
    if (problem === null) return [];
    const { message, hint } = problem;
    return [{ part, severity: ok ? 'warning' : 'error', message, hint, graph: null }];
  });
}

export interface ServiceHealth {
  ok: boolean;
  /** In ASCII, as in DNS and certificates. */
  host: string;
  port: number;
  problem: MailProblem | null;
}

export const SIGN_IN_TIMEOUT_SECONDS = 30;

/**
 * Signs in to the configured services of a mailbox at the same time.
 *
 * @param seconds the time limit for each sign-in
 * @throws ChannelctlError `usage` if settings of a configured service are missing
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
  const heard: ServerMessages = { alerts: [], farewell: null };
  try {
    await signIn(service, heard, seconds * 1000);
    return { ok: true, host, port, problem: alertProblem(heard, service, sanitize) };
  } catch (error) {
    const problem = mailProblem(error, heard, service, seconds, sanitize);
    return { ok: false, host, port, problem };
  }
}

/**
 * On a port without a fixed use, tries implicit TLS first, then STARTTLS if the server answers in
 * plaintext.
 */
async function signIn(
  service: MailService,
  heard: ServerMessages,
  timeoutMs: number,
): Promise<void> {
  const { logIn } = await import('./login.ts');
  const deadline = AbortSignal.timeout(timeoutMs);
  const attempt = (secure: boolean) =>
    untilAborted(logIn(service, secure, timeoutMs, heard), deadline);
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

import type { Problem } from '../../shared/problem.ts';
import type { AccountCheck } from '../channel.ts';
import { checkMailbox, type ServiceHealth, SIGN_IN_TIMEOUT_SECONDS } from './mail-check.ts';
import type { MailProtocol } from './mail-settings.ts';

/** Checks that a mailbox lets its user in, over IMAP and SMTP. */
export const checkEmail: AccountCheck = async (checking) => {
  const { imap, smtp } = await checkMailbox(checking, SIGN_IN_TIMEOUT_SECONDS);
  return {
    problems: mailboxProblems({ imap, smtp }),
    details: { imap, smtp },
  };
};

/** The problems of both services as those of an account. */
export function mailboxProblems(health: Record<MailProtocol, ServiceHealth>): Problem[] {
  return (['imap', 'smtp'] as const).flatMap((part) => {
    const { problem } = health[part];
    if (problem === null) return [];
    const { message, hint } = problem;
    return [{ part, severity: 'error', message, hint, graph: null }];
  });
}

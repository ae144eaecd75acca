import type { Problem, Severity } from '../../shared/problem.ts';
import { count, stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../../ui/output/style.ts';

type ReportedProblem = Pick<Problem, 'severity' | 'message' | 'hint'>;

/** The check result of one account, for printing. */
export interface ReportedAccount {
  /** For example, `messenger/fb-1065`. */
  name: string;
  healthy: boolean;
  /** Lines to print between the name and the problems. */
  facts?: readonly string[];
  problems: readonly ReportedProblem[];
}

/** Formats each account with its problems, and a line with totals if there are several accounts. */
export function formatReport(
  accounts: readonly ReportedAccount[],
  style: Style,
  noun = 'account',
): string {
  const healthy = accounts.filter((one) => one.healthy).length;
  const overview = `${count(accounts.length, noun)}: ${healthy} healthy, ${accounts.length - healthy} unhealthy.`;
  const each = accounts.map((account) => formatAccount(account, style));
  return [...each, ...(accounts.length > 1 ? [overview] : [])].join('\n\n');
}

function formatAccount({ name, healthy, facts = [], problems }: ReportedAccount, style: Style) {
  const label = healthy ? style.success('healthy') : style.error('unhealthy');
  return [
    `${style.bold(stripControlCharacters(name))}  ${label}`,
    ...facts,
    ...(facts.length > 0 && problems.length > 0 ? [''] : []),
    ...formatProblems(problems, style),
  ].join('\n');
}

/** Formats each problem as a line with the message and one with the next step, if there is one. */
export function formatProblems(problems: readonly ReportedProblem[], style: Style): string[] {
  return problems.flatMap(({ severity, message, hint }) => [
    `  ${formatStatus(severity, style)}  ${stripControlCharacters(message)}`,
    ...(hint === '' ? [] : [`           ${stripControlCharacters(hint)}`]),
  ]);
}

/** Formats a status in colour, padded to the width of the longest status. */
export function formatStatus(status: Severity | 'ok' | 'fixed', style: Style): string {
  const padded = status.padEnd('warning'.length);
  if (status === 'error') return style.error(padded);
  return status === 'warning' ? style.warning(padded) : style.success(padded);
}

/** Formats the messages of a list of problems for one table cell. */
export function formatMessages(problems: unknown): string {
  if (!Array.isArray(problems) || problems.length === 0) return '-';
  return stripControlCharacters(problems.map(({ message }: ReportedProblem) => message).join(' '));
}

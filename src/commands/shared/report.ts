import type { Problem, Severity } from '../../shared/problem.ts';
import { count, stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../../ui/output/style.ts';

type ReportedProblem = Pick<Problem, 'severity' | 'message' | 'hint'>;

export interface ReportedAccount {
  name: string;
  healthy: boolean;
  facts?: readonly string[];
  problems: readonly ReportedProblem[];
}

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

export function formatProblems(problems: readonly ReportedProblem[], style: Style): string[] {
  return problems.flatMap(({ severity, message, hint }) => [
    `  ${formatStatus(severity, style)}  ${stripControlCharacters(message)}`,
    ...(hint === '' ? [] : [`           ${stripControlCharacters(hint)}`]),
  ]);
}

export function formatStatus(status: Severity | 'ok' | 'fixed', style: Style): string {
  const padded = status.padEnd('warning'.length);
  if (status === 'error') return style.error(padded);
  return status === 'warning' ? style.warning(padded) : style.success(padded);
}

export function formatMessages(problems: unknown): string {
  if (!Array.isArray(problems) || problems.length === 0) return '-';
  return stripControlCharacters(problems.map(({ message }: ReportedProblem) => message).join(' '));
}

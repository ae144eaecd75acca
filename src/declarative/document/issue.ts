import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';

export type Path = readonly (string | number)[];

export interface Issue {
  path: Path;
  /** The rest of a sentence that begins with the path, such as "is missing". Contains no secret. */
  reason: string;
}

const MAX_SHOWN_ISSUES = 10;

export function formatPath(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

export function documentError(
  name: string,
  issues: readonly Issue[],
  positionOf: (path: Path) => string,
): ChannelctlError {
  const shown = issues.slice(0, MAX_SHOWN_ISSUES).map(({ path, reason }) => {
    const name = path.length === 0 ? 'the document' : formatPath(path);
    return `${positionOf(path)}: ${name} ${reason}`;
  });
  const more = issues.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  return usageError(`${name} has ${count(issues.length, 'error')}.`, {
    reason: `${shown.join('; ')}.`,
    hint: 'Fix the document and run the command again. Nothing was changed.',
  });
}

function asClause(sentence: string): string {
  return sentence
    .replace(/\.$/, '')
    .replace(/^(?:It|Its|A|An|The)\b/, (word) => word.toLowerCase());
}

export function issuesFrom(path: Path, check: () => void): Issue[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind !== 'usage') throw error;
    return [{ path, reason: `is invalid: ${asClause(error.reason || error.message)}` }];
  }
}

import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';

export type Path = readonly (string | number)[];

/** One thing that is wrong with a document. */
export interface Issue {
  path: Path;
  /** A sentence without its subject: "is missing". Holds no secret. */
  reason: string;
}

/** More than this is not read by anybody. */
const MAX_SHOWN = 10;

/** `accounts[3].config.page_id`. */
function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

/**
 * The error for a document that can't be used.
 *
 * @param positionOf line and column of a path, in words
 */
export function documentError(
  name: string,
  issues: readonly Issue[],
  positionOf: (path: Path) => string,
): ChannelctlError {
  const shown = issues.slice(0, MAX_SHOWN).map(({ path, reason }) => {
    const subject = path.length === 0 ? 'the document' : pathText(path);
    return `${positionOf(path)}: ${subject} ${reason}`;
  });
  const more = issues.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  return usageError(
    `${name} has ${count(issues.length, 'fault')}.`,
    `${shown.join('; ')}.`,
    'Correct what is named; nothing was changed.',
  );
}

/** What a check objects to, as an issue; nothing where it objects to nothing. */
export function issuesFrom(path: Path, check: () => void): Issue[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind !== 'usage') throw error;
    return [
      { path, reason: `can't be used: ${(error.reason || error.message).replace(/\.$/, '')}` },
    ];
  }
}

import { usageError } from '../../shared/errors.ts';

export interface GraphPath {
  path: `/${string}`;
  /** Whether the Graph API version is prepended because the path contains none. */
  versioned: boolean;
  query: Record<string, string>;
}

/**
 * Parses `me/accounts`, `/me/accounts?fields=id` or `/v25.0/me`. Full URLs are rejected, so that
 * the token is sent only to Meta.
 *
 * @throws ChannelctlError `usage`
 */
export function readGraphPath(text: string): GraphPath {
  const [given = '', ...queries] = text.split('?');
  const segments = given.replace(/^\//, '').split('/');
  const isOdd = segments.map(decoded).some((part) => /^\.{0,2}$|[/\\]/.test(part));
  if (isOdd || /[\\#\s\p{Cc}]/u.test(text) || /^[a-z][a-z0-9+.-]*:/i.test(text)) {
    throw usageError(
      // The path is not quoted, because it may be a full URL that contains a token.
      'The path is not a valid Graph API path.',
      {
        reason: 'A path consists of names and IDs separated by slashes, without a scheme or host.',
        hint: 'Use a path such as me/accounts, or /v25.0/me/accounts to select a version.',
      },
    );
  }
  const path = segments.map((segment) => encodeURIComponent(decoded(segment))).join('/');
  return {
    path: `/${path}`,
    versioned: !/^v\d+\.\d+$/.test(segments[0] ?? ''),
    query: Object.fromEntries(new URLSearchParams(queries.join('?'))),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}

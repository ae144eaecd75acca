import type { z } from 'zod';

/** The server that answers a call; each has an address setting of its own. */
export type Service = 'graph' | 'instagram_api' | 'instagram_graph';

/** The channel that a kind of token is of, and how to get a new one if its account is not known. */
interface TokenKindInfo {
  /** Null for the app's own token, which every channel has. */
  channel: string | null;
  renewHint: string;
}

const TOKEN_KINDS = {
  user: {
    channel: 'messenger',
    renewHint: 'Connect again with channelctl messenger connect.',
  },
  page: {
    channel: 'messenger',
    renewHint: 'Connect again with channelctl messenger connect.',
  },
  business: {
    channel: 'whatsapp',
    renewHint:
      'Store a new one with channelctl accounts update <account> --config access_token=@file; where the account is not stored yet, give it to accounts create.',
  },
  instagram: {
    channel: 'instagram',
    renewHint: 'Connect again with channelctl instagram connect.',
  },
  app: {
    channel: null,
    renewHint:
      "Check app_id and app_secret of the token's channel with channelctl integrations list.",
  },
} as const satisfies Record<string, TokenKindInfo>;

/** Whose token a call carries. `none`: its parameters authenticate it. */
export type TokenKind = keyof typeof TOKEN_KINDS | 'none';

/** What is known of a kind of token; undefined for `none`. */
export function tokenKindInfo(kind: TokenKind): TokenKindInfo | undefined {
  return kind === 'none' ? undefined : TOKEN_KINDS[kind];
}

/**
 * One call of Meta's, described once: the client calls from it, the sandbox serves from it, and
 * both check against it.
 */
export interface Operation<
  Parameters extends z.ZodObject = z.ZodObject,
  Answer extends z.ZodType = z.ZodType,
> {
  /** What the call does for the person, to finish "Could not …" in an error. */
  purpose: string;
  service: Service;
  method: 'GET' | 'POST' | 'DELETE';
  /** Path behind the version; `{name}` takes the parameter of that name. */
  path: `/${string}`;
  /** False if the path does not begin with the Graph version. */
  versioned?: boolean;
  token: TokenKind;
  /** The channel whose app settings the call carries, if it carries no token. */
  channel?: string;
  /** Other kinds of token that Meta takes for it. */
  alsoTakes?: readonly TokenKind[];
  /** Every parameter, those of the path included. */
  parameters: Parameters;
  /** Where parameters travel that are not part of the path. */
  sends: 'query' | 'json' | 'form';
  answer: Answer;
  /** The permission that Meta asks for, by Meta's name; null where none is needed. */
  permission: string | null;
  /** Whether a call that may have arrived can be sent again without harm. */
  repeatable: boolean;
}

/** Declares an operation, keeping the exact types of its parameters and answer. */
export function operation<Parameters extends z.ZodObject, Answer extends z.ZodType>(
  declaration: Operation<Parameters, Answer>,
): Operation<Parameters, Answer> {
  return declaration;
}

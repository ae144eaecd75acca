import type { z } from 'zod';

/** The server of a call; each has a setting for its URL. */
export type Service = 'graph' | 'instagram_api' | 'instagram_graph';

/**
 * The channel of a kind of token, and the command that gets a new one if the account is not known.
 */
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

/** The kind of token that a call carries. `none`: its parameters authenticate it. */
export type TokenKind = keyof typeof TOKEN_KINDS | 'none';

/** Undefined for `none`. */
export function tokenKindInfo(kind: TokenKind): TokenKindInfo | undefined {
  return kind === 'none' ? undefined : TOKEN_KINDS[kind];
}

/**
 * The declaration of one call. The client makes it and the sandbox serves it from this declaration,
 * and both validate against it.
 */
export interface Operation<
  Parameters extends z.ZodObject = z.ZodObject,
  Answer extends z.ZodType = z.ZodType,
> {
  /** The purpose of the call, to complete "Could not …" in an error. */
  purpose: string;
  service: Service;
  method: 'GET' | 'POST' | 'DELETE';
  /** Path after the version; `{name}` is replaced by the parameter of that name. */
  path: `/${string}`;
  /** False if the path does not begin with the Graph version. */
  versioned?: boolean;
  token: TokenKind;
  /** The channel whose app settings the call contains, if it carries no token. */
  channel?: string;
  /** Other kinds of token that Meta accepts. */
  alsoTakes?: readonly TokenKind[];
  /** Every parameter, those of the path included. */
  parameters: Parameters;
  /** How parameters that are not part of the path are sent. */
  sends: 'query' | 'json' | 'form';
  answer: Answer;
  /** The permission that Meta requires, by Meta's name; null if none is needed. */
  permission: string | null;
  /** Whether a call that may have arrived can be sent again without harm. */
  repeatable: boolean;
}

/** Declares an operation with the exact types of its parameters and answer. */
export function operation<Parameters extends z.ZodObject, Answer extends z.ZodType>(
  declaration: Operation<Parameters, Answer>,
): Operation<Parameters, Answer> {
  return declaration;
}

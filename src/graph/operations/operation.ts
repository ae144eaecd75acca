import type { z } from 'zod';

/** The server of a call. Each server has an environment variable for its URL. */
export type Service = 'graph' | 'instagram_api' | 'instagram_graph';

/** The channel of a kind of token, and how to get a new token if the account is unknown. */
interface TokenKindInfo {
  /** Null for app tokens, which every channel has. */
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
      'Store a new token with channelctl accounts update <account> --config access_token=@file, or pass it to accounts create if the account does not exist yet.',
  },
  instagram: {
    channel: 'instagram',
    renewHint: 'Connect again with channelctl instagram connect.',
  },
  app: {
    channel: null,
    renewHint: "Check the channel's app_id and app_secret with channelctl integrations list.",
  },
} as const satisfies Record<string, TokenKindInfo>;

/** The kind of token that a call requires. `none` means that its parameters authenticate it. */
export type TokenKind = keyof typeof TOKEN_KINDS | 'none';

/**
 * Returns how to get a new token for a call, based on its kind of token or, if it uses none, on its
 * channel.
 */
export function renewHintOf({ token, channel }: Pick<Operation, 'token' | 'channel'>): string {
  const kinds: readonly TokenKindInfo[] = Object.values(TOKEN_KINDS);
  const info = tokenKindInfo(token) ?? kinds.find((kind) => kind.channel === channel);
  return (info ?? TOKEN_KINDS.app).renewHint;
}

/** Returns undefined for `none`. */
export function tokenKindInfo(kind: TokenKind): TokenKindInfo | undefined {
  return kind === 'none' ? undefined : TOKEN_KINDS[kind];
}

/**
 * The declaration of one call. The client and the sandbox both use it, and validate requests and
 * responses against it.
 */
export interface Operation<
  Parameters extends z.ZodObject = z.ZodObject,
  Answer extends z.ZodType = z.ZodType,
> {
  /** A phrase that completes "Could not …" in an error. */
  purpose: string;
  service: Service;
  method: 'GET' | 'POST' | 'DELETE';
  /** The path after the version. `{name}` is replaced by the parameter with that name. */
  path: `/${string}`;
  /** False if the Graph API version is not prepended to the path. */
  versioned?: boolean;
  token: TokenKind;
  /** The channel whose app settings the call sends, if it sends no token. */
  channel?: string;
  /** Other kinds of token that Meta accepts. */
  alsoTakes?: readonly TokenKind[];
  /** All parameters, including path parameters. */
  parameters: Parameters;
  /** How parameters other than path parameters are sent. */
  sends: 'query' | 'json' | 'form';
  answer: Answer;
  /** The permission that Meta requires, or null. */
  permission: string | null;
  /** Whether the call can safely be sent again if it may have arrived. */
  repeatable: boolean;
}

/** Declares an operation, preserving the types of its parameters and response. */
export function operation<Parameters extends z.ZodObject, Answer extends z.ZodType>(
  declaration: Operation<Parameters, Answer>,
): Operation<Parameters, Answer> {
  return declaration;
}

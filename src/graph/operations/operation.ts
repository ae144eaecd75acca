import type { z } from 'zod';

export type Service = 'graph' | 'instagram_api' | 'instagram_graph';

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

export function renewHintOf({ token, channel }: Pick<Operation, 'token' | 'channel'>): string {
  const kinds: readonly TokenKindInfo[] = Object.values(TOKEN_KINDS);
  const info = tokenKindInfo(token) ?? kinds.find((kind) => kind.channel === channel);
  return (info ?? TOKEN_KINDS.app).renewHint;
}

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
  alsoTakes?: readonly TokenKind[];
  parameters: Parameters;
  sends: 'query' | 'json' | 'form';
  answer: Answer;
  permission: string | null;
  /** Whether the call can safely be sent again if it may have arrived. */
  repeatable: boolean;
}

export function operation<Parameters extends z.ZodObject, Answer extends z.ZodType>(
  declaration: Operation<Parameters, Answer>,
): Operation<Parameters, Answer> {
  return declaration;
}

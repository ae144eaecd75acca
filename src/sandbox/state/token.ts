import type { CompleteSeed } from '../seed/seed.ts';
import type { App } from './apps.ts';
import type { InstagramAccount } from './instagram.ts';

export type Page = CompleteSeed['pages'][number];

/** The system user that owns business tokens, and tokens of Facebook Login for Business. */
export const SYSTEM_USER = { id: '1045611823307745', name: 'Sandbox System User' };

export interface Person {
  id: string;
  name: string;
  /** By Page ID: the user's tasks on it; null if Meta omits them. */
  roles: ReadonlyMap<string, readonly string[] | null>;
  declinedPermissions: readonly string[];
}

export interface SystemUser extends Person {
  businessId: string;
  /** Whether its tokens expire after 60 days. */
  hasExpiringTokens: boolean;
}

export function isSystemUser(person: Person): person is SystemUser {
  return 'businessId' in person;
}

interface TokenBase {
  value: string;
  app: App;
  scopes: readonly string[];
  /** Milliseconds since the epoch. */
  issuedAt: number;
  /** Milliseconds since the epoch; null if it never expires. */
  expiresAt: number | null;
  /** By permission: the IDs of the objects it was granted for, if they are not all of the owner's. */
  targets?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Milliseconds since the epoch; null for never; if omitted, 90 days after it was issued. */
  dataAccessExpiresAt?: number | null;
}
export interface UserToken extends TokenBase {
  kind: 'user';
  person: Person;
  isLongLived: boolean;
}
export interface PageToken extends TokenBase {
  kind: 'page';
  page: Page;
  person: Person;
}
export interface BusinessToken extends TokenBase {
  kind: 'business';
  wabas: ReadonlySet<string>;
}
export interface InstagramToken extends TokenBase {
  kind: 'instagram';
  account: InstagramAccount;
  isLongLived: boolean;
}
/** `app_id|app_secret`, which is derived and not issued. */
export interface AppToken extends TokenBase {
  kind: 'app';
}
export type Token = UserToken | PageToken | BusinessToken | InstagramToken | AppToken;

type New<Issued extends TokenBase> = Omit<Issued, 'value' | 'issuedAt'> & {
  /** The current time if omitted. */
  issuedAt?: number;
};

export type NewToken = New<UserToken> | New<PageToken> | New<BusinessToken> | New<InstagramToken>;

/** Returns the ID of the token's owner, which `me` stands for; null for an app token. */
export function ownerIdOf(token: Token): string | null {
  switch (token.kind) {
    case 'user':
      return token.person.id;
    case 'page':
      return token.page.id;
    case 'business':
      return SYSTEM_USER.id;
    case 'instagram':
      return token.account.user_id;
    case 'app':
      return null;
  }
}

function isOfKind<Kind extends Token['kind']>(
  kind: Kind,
  token: Token | null,
): token is Extract<Token, { kind: Kind }> {
  return token?.kind === kind;
}

export function requireToken<Kind extends Token['kind']>(
  kind: Kind,
  token: Token | null,
): Extract<Token, { kind: Kind }> {
  if (isOfKind(kind, token)) return token;
  throw new TypeError(
    `The table of operations does not require a token of kind ${kind} for this call.`,
  );
}

interface CodeBase {
  app: App;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  isUsed: boolean;
}
interface LoginCode extends CodeBase {
  kind: 'login';
  redirectUri: string;
  person: Person;
  scopes: readonly string[];
}
interface SignupCode extends CodeBase {
  kind: 'signup';
  waba: string;
}
interface InstagramCode extends CodeBase {
  kind: 'instagram';
  redirectUri: string;
  account: InstagramAccount;
  scopes: readonly string[];
}
/** An authorization code, which works once and only for its app. */
export type Code = LoginCode | SignupCode | InstagramCode;
export type NewCode =
  | Omit<LoginCode, 'isUsed'>
  | Omit<SignupCode, 'isUsed'>
  | Omit<InstagramCode, 'isUsed'>;

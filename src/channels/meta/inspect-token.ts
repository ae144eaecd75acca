import type { Graph } from '../../graph/graph.ts';
import { MESSAGES } from '../../graph/operations/error-codes.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';
import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import { type Result, resultOf } from '../../shared/problem.ts';
import { type AppCredentials, appToken } from './app-credentials.ts';

export interface TokenInspection {
  is_valid: boolean;
  app_id: string | null;
  application: string | null;
  type: string | null;
  scopes: string[];
  /**
   * By permission: the IDs of the objects for which it is granted. Without IDs, it applies to all.
   */
  targets: ReadonlyMap<string, readonly string[]>;
  expires_at: string | null;
  /** Whether the token never expires. If false and `expires_at` is null, the expiry is unknown. */
  isPermanent: boolean;
  data_access_expires_at: string | null;
  error: { code: number | null; subcode: number | null; message: string | null } | null;
}

export async function inspectToken(
  graph: Graph,
  app: AppCredentials,
  token: string,
  sanitize: (text: string) => string,
): Promise<TokenInspection> {
  const { data } = await graph.call('debugToken', { input_token: token }, appToken(app));
  const granular = data.granular_scopes ?? [];
  const text = (value: string | null | undefined) =>
    typeof value === 'string' ? sanitize(value) : null;
  return {
    is_valid: data.is_valid,
    app_id: data.app_id ?? null,
    application: text(data.application),
    type: text(data.type),
    scopes: [...new Set([...(data.scopes ?? []), ...granular.map(({ scope }) => scope)])],
    targets: new Map(granular.map(({ scope, target_ids }) => [scope, target_ids ?? []])),
    expires_at: timeOf(data.expires_at),
    isPermanent: data.expires_at === 0,
    data_access_expires_at: timeOf(data.data_access_expires_at),
    error: errorOf(data.error, text),
  };
}

export function isOfOtherApp(inspection: Result<TokenInspection> | null): boolean {
  return MESSAGES.otherApp.test(inspection?.error?.graph?.message ?? '');
}

/**
 * Returns the permissions that were granted only for other objects. A permission without objects
 * applies to all.
 */
export function grantedElsewhere(
  { targets }: Pick<TokenInspection, 'targets'>,
  permissions: readonly string[],
  id: string,
): string[] {
  return permissions.filter((permission) => {
    const granted = targets.get(permission) ?? [];
    return granted.length > 0 && !granted.includes(id);
  });
}

export interface TokenExpiry {
  /** ISO 8601; null if the token never expires. */
  expiresAt: string | null;
}

/** Returns null if Meta does not report the expiry, or the token is invalid. */
export function reportedExpiry(inspection: TokenInspection | null): TokenExpiry | null {
  if (inspection === null || !inspection.is_valid) return null;
  const { expires_at, isPermanent } = inspection;
  return expires_at === null && !isPermanent ? null : { expiresAt: expires_at };
}

export const SYSTEM_USER = 'SYSTEM_USER';

export async function isSystemUserToken(
  graph: Graph,
  app: AppCredentials,
  token: string,
): Promise<boolean> {
  const { value } = await resultOf(inspectToken(graph, app, token, (text) => text));
  return value?.type === SYSTEM_USER;
}

function errorOf(
  error: AnswerOf<'debugToken'>['data']['error'],
  text: (value: string | null | undefined) => string | null,
): TokenInspection['error'] {
  if (error === null || error === undefined) return null;
  const { code, subcode, message } = error;
  return { code: code ?? null, subcode: subcode ?? null, message: text(message) };
}

/**
 * Converts seconds since the epoch to ISO 8601. Returns null for a missing value, and for 0, which
 * is Meta's value for "never".
 */
function timeOf(seconds: number | null | undefined): string | null {
  return seconds ? new Date(seconds * 1000).toISOString() : null;
}

export type AppCheck =
  | { works: true; name: string | null }
  /** `works` is null if Meta could not be reached, or returned another error. */
  | { works: false | null; message: string; hint: string; graph: GraphErrorBody | null };

export async function checkApp(
  graph: Graph,
  app: AppCredentials,
  sanitize: (text: string) => string,
): Promise<AppCheck> {
  try {
    const found = await inspectToken(graph, app, `${app.id}|${app.secret}`, sanitize);
    if (found.is_valid) return { works: true, name: found.application };
    const message = found.error?.message ?? 'Meta gave no reason.';
    return { works: false, message, hint: APP_HINT, graph: null };
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    const { graph, reason, hint } = error;
    if (!WRONG_APP_CODES.includes(graph?.code ?? null)) {
      return { works: null, message: reason, hint, graph };
    }
    return { works: false, message: sanitize(graph?.message ?? reason), hint: APP_HINT, graph };
  }
}

/** Meta's codes for an app token whose app ID (101) or app secret (190) is wrong. */
const WRONG_APP_CODES: readonly (number | null)[] = [101, 190];

const APP_HINT =
  'Compare the app ID and app secret with those under App settings → Basic at developers.facebook.com, then set both again';

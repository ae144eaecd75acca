import { createHmac } from 'node:crypto';
import type { z } from 'zod';
import { ChannelctlError } from '../../shared/errors.ts';
import { isMetaId } from '../../shared/meta-id.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { Credentials, GraphUrls } from '../graph.ts';
import type { Operation } from '../operations/operation.ts';

export type Fields = Record<string, unknown>;

export interface CallRequest {
  method: Operation['method'];
  /** The URL without the query. */
  url: string;
  query: Fields;
  body: { type: 'json' | 'form'; fields: Fields } | null;
  token: string | null;
}

export interface Target {
  urls: GraphUrls;
  /** The Graph API version, such as `v26.0`. */
  version: string;
}

/**
 * Builds the request of a declared call.
 *
 * @throws ChannelctlError `not_allowed` if the token is not valid in a header, `usage` if an ID is
 *   not valid in a path, `internal` if the parameters or credentials do not match the declaration
 */
export function buildRequest<Parameters extends z.ZodObject>(
  operation: Operation<Parameters>,
  parameters: z.input<Parameters>,
  credentials: Credentials | null,
  target: Target,
): CallRequest {
  const fields = validateFields(operation, parameters);
  const names = pathNames(operation.path);
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    pathSegment(operation, name, fields[name]),
  );
  const version = operation.versioned === false ? '' : `/${target.version}`;
  const sent = Object.entries(fields).filter(
    ([name, value]) => value !== undefined && !names.includes(name),
  );
  return {
    method: operation.method,
    url: `${target.urls[operation.service]}${version}${path}`,
    token: tokenOf(operation, credentials),
    ...placeFields(operation, Object.fromEntries(sent), proofOf(operation, credentials)),
  };
}

/**
 * Returns the path parameters of a call, for messages: `page_id 1065`. The result is empty for
 * `/me`.
 */
export function subjectOf(operation: Operation, parameters: Fields): string {
  return pathNames(operation.path)
    .map((name) => stripControlCharacters(`${name} ${String(parameters[name])}`))
    .join(', ');
}

/** Encodes the parameters of a query or form; values other than strings become JSON. */
export function encodeFields(fields: Fields): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function validateFields<Parameters extends z.ZodObject>(
  operation: Operation<Parameters>,
  parameters: z.input<Parameters>,
): Fields {
  const checked = operation.parameters.safeParse(parameters);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw misuseError(
    operation,
    `The parameter ${issue?.path.join('.')} is invalid: ${issue?.message}.`,
  );
}

function pathNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].flatMap((match) => match[1] ?? []);
}

/** Meta's name for the owner of the token, instead of an ID. */
const OWN = 'me';

function pathSegment(operation: Operation, name: string, value: unknown): string {
  const text = String(value ?? '');
  if (isMetaId(text) || text === OWN) return text;
  throw new ChannelctlError('usage', `Could not ${operation.purpose}.`, {
    reason: `${JSON.stringify(text)} is not a valid ${name}: Meta's IDs consist of digits.`,
    hint: 'If the ID is stored, channelctl doctor shows how to correct it.',
  });
}

function tokenOf(operation: Operation, credentials: Credentials | null): string | null {
  const token = credentials?.token ?? null;
  if ((token === null) !== (operation.token === 'none')) {
    const expected = operation.token === 'none' ? 'no token' : `a token (${operation.token})`;
    throw misuseError(operation, `The call requires ${expected}.`);
  }
  if (token !== null && !/^[\x21-\x7e]*$/.test(token)) throw unsendableTokenError(operation);
  return token;
}

/** The kind is not `usage`, because Meta would report such a token as invalid (190). */
function unsendableTokenError(operation: Operation): ChannelctlError {
  return new ChannelctlError('not_allowed', `Could not ${operation.purpose}.`, {
    reason:
      'The token contains a space, a line break or another character that tokens cannot contain.',
    hint: 'Store the token again, from a file or variable that contains nothing else.',
  });
}

/** Only graph.facebook.com accepts the proof. */
function proofOf(operation: Operation, credentials: Credentials | null): Fields {
  if (operation.service !== 'graph' || credentials?.appSecret === undefined) return {};
  return { appsecret_proof: appSecretProof(credentials.token, credentials.appSecret) };
}

/**
 * Returns the `appsecret_proof` of a call: hex HMAC-SHA256 of the access token, keyed with the app
 * secret (Meta, "Secure Graph API calls"). It proves that the app's own server makes the call.
 */
function appSecretProof(token: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(token).digest('hex');
}

/** A call without parameters has no body: its proof, if any, is sent in the query. */
function placeFields(
  { sends }: Operation,
  fields: Fields,
  proof: Fields,
): Pick<CallRequest, 'query' | 'body'> {
  if (sends === 'query' || Object.keys(fields).length === 0) {
    return { query: { ...fields, ...proof }, body: null };
  }
  return { query: {}, body: { type: sends, fields: { ...fields, ...proof } } };
}

function misuseError(operation: Operation, reason: string): ChannelctlError {
  return new ChannelctlError('internal', `Could not ${operation.purpose}.`, {
    reason,
    hint: 'This is a bug in channelctl: please report it with this message.',
  });
}

import { z } from 'zod';
import { type OperationName, type Operations, operations } from '../../graph/operations/index.ts';
import type { Operation, Service } from '../../graph/operations/operation.ts';
import type { HandlerAnswer, Handlers } from '../handlers/handler.ts';
import { hasObject, isPortfolio } from '../handlers/objects.ts';
import {
  type Dispatch,
  type HttpReply,
  type HttpRequest,
  jsonReply,
  type Router,
} from '../http/http.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { ownerIdOf, type Token } from '../state/token.ts';
import { appUsage } from './app-usage.ts';
import {
  acceptsToken,
  authenticate,
  authorize,
  credentialParameters,
  requestToken,
} from './authenticate.ts';
import { businessUsage } from './business-usage.ts';
import {
  invalidParameter,
  type MetaError,
  missingToken,
  removedIds,
  unknownPath,
  unsupportedRequest,
} from './errors.ts';
import {
  decodeParameters,
  parameterError,
  type RequestParameters,
  requestParameters,
} from './parameters.ts';

type Checked<Name extends OperationName> = z.output<Operations[Name]['parameters']>;

/** This type lets the compiler relate the name of an operation to its parameters. */
const schemas: { readonly [Name in OperationName]: { parameters: z.ZodType<Checked<Name>> } } =
  operations;

const ME = 'me';

/** The oldest version that Meta still serves. It also serves requests for older versions. */
const OLDEST_SUPPORTED_VERSION = 'v21.0';

interface Match<Name extends OperationName = OperationName> {
  name: Name;
  request: HttpRequest;
  received: RequestParameters;
  version: string | null;
  pathParameters: ReadonlyMap<string, string>;
}

interface GraphServiceOptions {
  service: Service;
  state: SandboxState;
  handlers: Handlers;
}

/**
 * Serves one of Meta's API servers from the table of operations: finds the operation, checks the
 * token, parameters and objects against the table, calls the handler, and checks the handler's
 * response against the table, too.
 */
export function createGraphService(options: GraphServiceOptions): Router {
  return (request) => {
    const match = findOperation(options, request);
    return { operation: match.name, run: (dispatch) => perform(options, match, dispatch) };
  };
}

/**
 * As with Meta's servers, the version can be omitted from the path.
 *
 * @throws MetaError if no operation has this path and method, or if several IDs are requested
 */
function findOperation({ service, state }: GraphServiceOptions, request: HttpRequest): Match {
  const { version, path } = splitVersion(request.path);
  const received = requestParameters(request);
  if (request.method === 'GET' && received.has('ids')) throw removedIds();
  const token = state.findToken(requestToken(request, received) ?? '');
  const self = token === undefined ? null : ownerIdOf(token);
  const reachable = namesOf(service).flatMap((name): Match[] => {
    const pathParameters = matchPath(operations[name].path, path, self);
    return pathParameters === null ? [] : [{ name, request, received, version, pathParameters }];
  });
  const ranked = reachable
    .filter(({ name }) => operations[name].method === request.method)
    .map((match) => ({ match, rank: rankOf(state, match, token) }))
    .sort((a, b) => a.rank - b.rank);
  const best = ranked[0];
  if (best !== undefined) return best.match;
  const id = path.split('/')[1] ?? '';
  if (reachable.length > 0) throw unsupportedRequest(request.method, id);
  throw unknownPath(version === null ? request.path : path);
}

function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

function namesOf(service: Service): OperationName[] {
  return Object.keys(operations)
    .filter(isOperationName)
    .filter((name) => operations[name].service === service);
}

function splitVersion(path: string): { version: string | null; path: string } {
  const version = /^\/(v\d+\.\d+)(?=\/)/.exec(path)?.[1];
  return version === undefined
    ? { version: null, path }
    : { version, path: path.slice(version.length + 1) };
}

/**
 * Extracts the parameters from a path. Returns null if the path does not match the template.
 *
 * @param self the ID that `me` refers to; null if there is no token, or it has no owner
 */
function matchPath(
  template: string,
  path: string,
  self: string | null,
): ReadonlyMap<string, string> | null {
  const [expected, actual] = [template.split('/'), path.split('/')];
  if (expected.length !== actual.length) return null;
  const values = new Map<string, string>();
  for (const [index, part] of expected.entries()) {
    const value = decodeURIComponent(actual[index] ?? '');
    const parameter = /^\{(.+)\}$/.exec(part)?.[1];
    if (parameter !== undefined && value !== '') {
      values.set(parameter, value === ME ? (self ?? ME) : value);
    } else if (part !== value && !(part === ME && value === self)) return null;
  }
  return values;
}

/**
 * Returns how badly a request fits an operation; 0 is a perfect fit. Operations can share a path:
 * Meta distinguishes them by the kind of object, the kind of token, and the parameters.
 */
function rankOf(state: SandboxState, match: Match, token: Token | undefined): number {
  const missing = [...match.pathParameters].filter(
    ([name, id]) => !hasObject(state, name, id),
  ).length;
  const isWrongToken = token !== undefined && !acceptsToken(operations[match.name], token);
  const { error } = operations[match.name].parameters.safeParse(valuesOf(match));
  return missing * 10_000 + (isWrongToken ? 100 : 0) + (error?.issues.length ?? 0);
}

function valuesOf({ name, received, pathParameters }: Match): Record<string, unknown> {
  const operation: Operation = operations[name];
  const parameters = new Map(received);
  for (const credential of credentialParameters(operation)) {
    if (!Object.hasOwn(operation.parameters.shape, credential)) parameters.delete(credential);
  }
  return {
    ...decodeParameters(parameters, operation.parameters),
    ...Object.fromEntries(pathParameters),
  };
}

async function perform<Name extends OperationName>(
  { state, handlers }: GraphServiceOptions,
  match: Match<Name>,
  dispatch: Dispatch,
): Promise<HttpReply> {
  const { name, request, received, version, pathParameters } = match;
  const token = authenticate(state, operations[name], request, received);
  // For a batch request, Meta counts the calls in it instead.
  const appUsed = name === 'sendBatch' || token === null ? {} : appUsage(state, token);
  for (const [parameter, id] of pathParameters) {
    if (!hasObject(state, parameter, id)) throw missingObject(state, match, id, token);
  }
  if (token !== null) authorize(operations[name], token);
  const businessUsed = businessUsage(state, pathParameters);
  const parameters = validateParameters(name, valuesOf(match));
  const { method, url } = request;
  const answer = await handlers[name]({ parameters, token, state, method, url, dispatch });
  const headers = { ...versionHeader(version), ...businessUsed, ...appUsed };
  return jsonReply(200, validateAnswer(name, answer), headers);
}

function missingObject(
  state: SandboxState,
  { name, request: { method } }: Match,
  id: string,
  token: Token | null,
): MetaError {
  if (id === ME) return missingToken(`/${ME}`);
  if (token?.kind !== 'business' || method !== 'GET' || !isPortfolio(state, id)) {
    return unsupportedRequest(method, id);
  }
  // The edge of a WABA, such as `phone_numbers`, or a field that only a WABA has.
  const edge = operations[name].path.split('/')[2] ?? 'account_review_status';
  return invalidParameter(`Tried accessing nonexisting field (${edge}) on node type (Business)`);
}

function validateParameters<Name extends OperationName>(
  name: Name,
  values: Record<string, unknown>,
): Checked<Name> {
  const result = schemas[name].parameters.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? result.error : parameterError(issue, values);
}

/** @throws Error if a handler's response does not match the table, which is a bug in the sandbox */
function validateAnswer<Name extends OperationName>(name: Name, answer: HandlerAnswer<Name>) {
  const issue = z.safeParse(operations[name].answer, answer).error?.issues[0];
  if (issue === undefined) return answer;
  throw new Error(`invalid response to ${name} at ${issue.path.join('.')}: ${issue.message}`);
}

function versionHeader(version: string | null): Record<string, string> {
  if (version === null) return {};
  const isRetired = Number(version.slice(1)) < Number(OLDEST_SUPPORTED_VERSION.slice(1));
  return { 'facebook-api-version': isRetired ? OLDEST_SUPPORTED_VERSION : version };
}

/**
 * Writes IDs as bare JSON numbers, as Meta sometimes does: `user_id` in Instagram's code exchange,
 * and `id` in the samples of the Graph API. They can exceed 2^53, in which case plain `JSON.parse`
 * loses their last digits.
 */
export function withBareIds(key: 'id' | 'user_id', router: Router): Router {
  const quoted = new RegExp(`"${key}":"([1-9]\\d*)"`, 'g');
  return (request) => {
    const route = router(request);
    return {
      ...route,
      async run(dispatch) {
        const reply = await route.run(dispatch);
        return { ...reply, body: reply.body.replace(quoted, `"${key}":$1`) };
      },
    };
  };
}

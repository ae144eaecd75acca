import { z } from 'zod';
import { type OperationName, type Operations, operations } from '../../graph/operations/index.ts';
import type { Operation, Service } from '../../graph/operations/operation.ts';
import type { HandlerAnswer, Handlers } from '../handlers/handler.ts';
import { hasObject } from '../handlers/objects.ts';
import { type HttpReply, type HttpRequest, jsonReply, type Router } from '../http/http.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { ownerIdOf, type Token } from '../state/token.ts';
import {
  authenticate,
  authorize,
  credentialParameters,
  requestToken,
  takes,
} from './authenticate.ts';
import { type MetaError, missingToken, unknownPath, unsupportedRequest } from './errors.ts';
import { nonNumericId, notFound } from './errors-whatsapp.ts';
import {
  decoded,
  parameterError,
  type RequestParameters,
  requestParameters,
} from './parameters.ts';

type Checked<Name extends OperationName> = z.output<Operations[Name]['parameters']>;

/** The table, seen so that the compiler knows whose parameters come out of whose schema. */
const schemas: { readonly [Name in OperationName]: { parameters: z.ZodType<Checked<Name>> } } =
  operations;

/** Stands in a path for the object whose token it is. */
const ME = 'me';

/** The oldest version that Meta still answers. A retired one gets its answers. */
const OLDEST_SUPPORTED_VERSION = 'v21.0';

/** A request, and an operation that it may be meant for. */
interface Match<Name extends OperationName = OperationName> {
  name: Name;
  request: HttpRequest;
  given: RequestParameters;
  version: string | null;
  /** The values that stand in the path, by parameter. */
  pathParameters: ReadonlyMap<string, string>;
}

interface GraphServiceOptions {
  service: Service;
  state: SandboxState;
  handlers: Handlers;
}

/**
 * Serves one of Meta's API servers from the table of operations: finds the operation, checks
 * token, parameters and objects as the table says, lets its handler answer, and holds the answer
 * against the table too.
 */
export function createGraphService(options: GraphServiceOptions): Router {
  return (request) => {
    const match = findOperation(options, request);
    return { operation: match.name, run: () => perform(options, match) };
  };
}

/**
 * A path without a version is served too, as at Meta.
 *
 * @throws MetaError where nothing is served at this path with this method
 */
function findOperation({ service, state }: GraphServiceOptions, request: HttpRequest): Match {
  const { version, path } = splitVersion(request.path);
  const given = requestParameters(request);
  const token = state.findToken(requestToken(request, given) ?? '');
  const self = token === undefined ? null : ownerIdOf(token);
  const reachable = namesOf(service).flatMap((name): Match[] => {
    const pathParameters = matchPath(operations[name].path, path, self);
    return pathParameters === null ? [] : [{ name, request, given, version, pathParameters }];
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
 * The values that stand in a path where it has the form of the template.
 *
 * @param self the id that `me` stands for; null where it stands for nobody
 */
function matchPath(
  template: string,
  path: string,
  self: string | null,
): ReadonlyMap<string, string> | null {
  const [wanted, found] = [template.split('/'), path.split('/')];
  if (wanted.length !== found.length) return null;
  const values = new Map<string, string>();
  for (const [index, part] of wanted.entries()) {
    const value = decodeURIComponent(found[index] ?? '');
    const parameter = /^\{(.+)\}$/.exec(part)?.[1];
    if (parameter !== undefined && value !== '') {
      values.set(parameter, value === ME ? (self ?? ME) : value);
    } else if (part !== value && !(part === ME && value === self)) return null;
  }
  return values;
}

/**
 * How badly a request fits an operation. Several share a path: Meta tells them apart by the kind
 * of object in it, by whose token comes with it, and by the parameters.
 */
function rankOf(state: SandboxState, match: Match, token: Token | undefined): number {
  const strangers = [...match.pathParameters].filter(
    ([name, id]) => !hasObject(state, name, id),
  ).length;
  const isForAnother = token !== undefined && !takes(operations[match.name], token);
  const { error } = operations[match.name].parameters.safeParse(valuesOf(match));
  return strangers * 10_000 + (isForAnother ? 100 : 0) + (error?.issues.length ?? 0);
}

/** The parameters that a match gives its operation, credentials aside. */
function valuesOf({ name, given, pathParameters }: Match): Record<string, unknown> {
  const operation: Operation = operations[name];
  const own = new Map(given);
  for (const credential of credentialParameters(operation)) {
    if (!Object.hasOwn(operation.parameters.shape, credential)) own.delete(credential);
  }
  return { ...decoded(own, operation.parameters), ...Object.fromEntries(pathParameters) };
}

async function perform<Name extends OperationName>(
  { state, handlers }: GraphServiceOptions,
  match: Match<Name>,
): Promise<HttpReply> {
  const { name, request, given, version, pathParameters } = match;
  const token = authenticate(state, operations[name], request, given);
  for (const [parameter, id] of pathParameters) {
    if (!hasObject(state, parameter, id)) throw missingObject(request, parameter, id, token);
  }
  if (token !== null) authorize(operations[name], token);
  const parameters = checkedParameters(name, valuesOf(match));
  const { method, address } = request;
  const answer = await handlers[name]({ parameters, token, state, method, address });
  return jsonReply(200, checkedAnswer(name, answer), versionHeader(version));
}

/** Meta says that an object is missing in another way where the token is WhatsApp's. */
function missingObject(
  { method }: HttpRequest,
  parameter: string,
  id: string,
  token: Token | null,
): MetaError {
  if (id === ME) return missingToken(`/${ME}`);
  if (token?.kind !== 'business') return unsupportedRequest(method, id);
  return /^\d+$/.test(id) ? notFound(parameter) : nonNumericId(parameter);
}

/** @throws MetaError 100 for the first parameter that is not as the table says */
function checkedParameters<Name extends OperationName>(
  name: Name,
  values: Record<string, unknown>,
): Checked<Name> {
  const result = schemas[name].parameters.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? result.error : parameterError(issue, values);
}

/** @throws Error where a handler's answer is not what the table says: a fault of the sandbox */
function checkedAnswer<Name extends OperationName>(name: Name, answer: HandlerAnswer<Name>) {
  const issue = z.safeParse(operations[name].answer, answer).error?.issues[0];
  if (issue === undefined) return answer;
  throw new Error(
    `its answer to ${name} is not right at ${issue.path.join('.')}: ${issue.message}`,
  );
}

function versionHeader(version: string | null): Record<string, string> {
  if (version === null) return {};
  const isRetired = Number(version.slice(1)) < Number(OLDEST_SUPPORTED_VERSION.slice(1));
  return { 'facebook-api-version': isRetired ? OLDEST_SUPPORTED_VERSION : version };
}

/**
 * A service that writes `user_id` as a bare JSON number, as Instagram's code exchange can. Such a
 * number is above 2^53, so a reader that is not careful loses its last digits.
 */
export function withBareUserId(router: Router): Router {
  return (request) => {
    const route = router(request);
    return {
      ...route,
      async run() {
        const reply = await route.run();
        return { ...reply, body: reply.body.replace(/"user_id":"(\d+)"/g, '"user_id":$1') };
      },
    };
  };
}

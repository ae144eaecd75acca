import type { z } from 'zod';
import type { Json } from '../shared/json.ts';
import type { Result } from '../shared/problem.ts';
import type {
  AnswerOf,
  ItemOf,
  ListName,
  OperationName,
  ParametersOf,
} from './operations/index.ts';
import type { Operation } from './operations/operation.ts';
import type { RawCall } from './operations/raw.ts';

export interface Credentials {
  token: string;
  appSecret?: string | undefined;
  accountId?: string | undefined;
  accountName?: string | undefined;
  /** The channel whose app settings are mentioned in hints. */
  channel?: string | undefined;
  /**
   * The configuration keys of the app's ID and secret, for hints. Default: `app_id`, `app_secret`.
   */
  appKeys?: { id: string; secret: string } | undefined;
  renewCommand?: string | undefined;
  /** The values of the parameters before the change, for the audit log. */
  before?: Readonly<Record<string, Json>> | undefined;
}

export type Caller = <Parameters extends z.ZodObject, Answer>(
  operation: Operation<Parameters, z.ZodType<Answer>>,
  parameters: z.input<Parameters>,
  credentials: Credentials | null,
) => Promise<Answer>;

export interface PreparedCall<Parameters> {
  parameters: Parameters;
  credentials: Credentials;
}

/**
 * Calls to Meta's APIs. An error from Meta or the network has the kind `graph` or `not_allowed`.
 */
export interface Graph {
  /** Makes one call. `credentials` is null for operations whose token is `none`. */
  call<Name extends OperationName>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials: Credentials | null,
  ): Promise<AnswerOf<Name>>;

  /**
   * Makes the same read for several objects, up to 50 in one request. The results are in the order
   * of the calls.
   */
  readAll<Name extends OperationName>(
    name: Name,
    calls: readonly PreparedCall<ParametersOf<Name>>[],
  ): Promise<Result<AnswerOf<Name>>[]>;

  /** Returns the time on Meta's clock. Requires no token. */
  time(): Promise<Date>;

  list<Name extends ListName>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials: Credentials | null,
  ): Promise<ItemOf<Name>[]>;

  /** Makes an undeclared call and returns Meta's response unchanged. */
  raw(call: RawCall, credentials: Credentials): Promise<Json>;

  rawList(call: RawCall, credentials: Credentials): Promise<Json[]>;
}

/** The validated base URLs of Meta's servers, without a trailing slash. */
export interface GraphUrls {
  graph: string;
  instagram_api: string;
  instagram_graph: string;
}

import type { Json } from '../shared/json.ts';
import type {
  AnswerOf,
  ItemOf,
  ListName,
  OperationName,
  ParametersOf,
} from './operations/index.ts';
import type { RawCall } from './operations/raw.ts';

/** The token of a call and, if it is known, the app secret that proves it. */
export interface Credentials {
  token: string;
  appSecret?: string | undefined;
  /** The ID of the account that it belongs to, if known. */
  accountId?: string | undefined;
  /** How commands name that account, for hints. */
  accountName?: string | undefined;
  /** The channel of the token, whose app settings prove it. */
  channel?: string | undefined;
  /** The command that gets a new token, for hints. */
  renewCommand?: string | undefined;
  /** The values of the parameters before the change, if known. */
  before?: Readonly<Record<string, Json>> | undefined;
}

/** Meta's APIs, one call at a time. Failures are `ChannelctlError`s of kind `graph` or `not_allowed`. */
export interface Graph {
  /** Makes one call. `credentials` is null for the operations whose token is `none`. */
  call<Name extends OperationName>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials: Credentials | null,
  ): Promise<AnswerOf<Name>>;

  /** The time of Meta's clock. Needs no token. */
  time(): Promise<Date>;

  /** Every item of a list, following its pages by cursor. */
  list<Name extends ListName>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials: Credentials | null,
  ): Promise<ItemOf<Name>[]>;

  /**
   * Makes a call that the table does not have, as the user wrote it; returns Meta's response
   * unchanged.
   */
  raw(call: RawCall, credentials: Credentials): Promise<Json>;

  /** Every item of such a call that returns pages. */
  rawList(call: RawCall, credentials: Credentials): Promise<Json[]>;
}

/** The base URLs of Meta's servers, checked and without a trailing slash. */
export interface GraphUrls {
  graph: string;
  instagram_api: string;
  instagram_graph: string;
}

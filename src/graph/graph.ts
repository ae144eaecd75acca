import type { Json } from '../shared/json.ts';
import type {
  AnswerOf,
  ItemOf,
  ListName,
  OperationName,
  ParametersOf,
} from './operations/index.ts';
import type { RawCall } from './operations/raw.ts';

/** The token of a call and, where it is known, the app secret that proves it. */
export interface Credentials {
  token: string;
  appSecret?: string | undefined;
  /** The id of the account that it belongs to, where that is known. */
  accountId?: string | undefined;
  /** How commands name that account, for hints. */
  accountName?: string | undefined;
  /** The channel of the token, whose app settings prove it. */
  channel?: string | undefined;
  /** The command that gets a new token, for hints. */
  renewCommand?: string | undefined;
  /** What the parameters of a change stood at before, as far as that is known. */
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

  /** What time it is at Meta. No token is needed for it. */
  time(): Promise<Date>;

  /** Every item of a list, following its pages by cursor. */
  list<Name extends ListName>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials: Credentials | null,
  ): Promise<ItemOf<Name>[]>;

  /** A call that no table knows, as a person wrote it, and its answer as Meta gave it. */
  raw(call: RawCall, credentials: Credentials): Promise<Json>;

  /** Every item of such a call that answers in pages. */
  rawList(call: RawCall, credentials: Credentials): Promise<Json[]>;
}

/** The addresses of Meta's servers, without a trailing slash, already checked. */
export interface GraphAddresses {
  graph: string;
  instagram_api: string;
  instagram_graph: string;
}

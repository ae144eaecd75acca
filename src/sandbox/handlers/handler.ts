import type { z } from 'zod';
import type { OperationName, Operations } from '../../graph/operations/index.ts';
import type { Dispatch } from '../http/http.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import type { Token } from '../state/token.ts';

interface Call<Name extends OperationName> {
  parameters: z.output<Operations[Name]['parameters']>;
  /** A token of a kind that the operation accepts; null if it requires none. */
  token: Token | null;
  state: SandboxState;
  method: string;
  url: string;
  dispatch: Dispatch;
}

export type HandlerAnswer<Name extends OperationName> = z.input<Operations[Name]['answer']>;

/** Performs one operation. Throws a MetaError if Meta would return an error. */
export type Handler<Name extends OperationName> = (
  call: Call<Name>,
) => HandlerAnswer<Name> | Promise<HandlerAnswer<Name>>;

export type Handlers = { readonly [Name in OperationName]: Handler<Name> };

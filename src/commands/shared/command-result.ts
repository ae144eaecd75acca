import type { Style } from '../../ui/output/style.ts';

/** The result of a command. Commands return results instead of printing them. */
export interface CommandResult<Data = unknown> {
  data: Data;
  /** Determines the exit code if items failed, or if a check found a problem. */
  kind?: 'graph' | 'not_allowed' | 'unhealthy';
  summary?: string | ((style: Style) => string);
  /**
   * Produces the next result, which replaces this one. It is called until the program is
   * interrupted.
   */
  next?(): Promise<CommandResult<Data>>;
  /** Results to print instead of this one, as they arrive. */
  stream?: AsyncIterable<CommandResult<Data>>;
  /** The keys of the result, if they depend on the response. */
  fields?: readonly string[];
}

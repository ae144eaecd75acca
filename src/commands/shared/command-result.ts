import type { Style } from '../../ui/output/style.ts';

export interface CommandResult<Data = unknown> {
  data: Data;
  /** Determines the exit code if items failed, or if a check found a problem. */
  kind?: 'graph' | 'not_allowed' | 'unhealthy' | 'storage';
  summary?: string | ((style: Style) => string);
  /**
   * Produces the next result, which replaces this one. It is called until the program is
   * interrupted.
   */
  next?(): Promise<CommandResult<Data>>;
  stream?: AsyncIterable<CommandResult<Data>>;
  fields?: readonly string[];
}

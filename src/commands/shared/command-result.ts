import type { Style } from '../../ui/output/style.ts';

export interface CommandResult<Data = unknown> {
  data: Data;
  /** Determines the exit code if items failed, or if a check found a problem. */
  kind?: 'graph' | 'not_allowed' | 'unhealthy' | 'storage';
  summary?: string | ((style: Style) => string);
  /** Further results, until the program is interrupted, which is not an error. */
  stream?: AsyncIterable<CommandResult<Data>>;
  /** Whether the result replaces the previous one of a stream on a terminal. */
  replaces?: boolean;
  fields?: readonly string[];
}

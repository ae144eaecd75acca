import type { CompleteSeed } from './seed.ts';

export type App = CompleteSeed['apps'][number] & { secret: string };
export type Page = CompleteSeed['pages'][number];
/** A person and what they may do: tasks by Page id. */
export interface Person {
  id: string;
  name: string;
  roles: ReadonlyMap<string, readonly string[]>;
}

import type { CompleteSeed } from '../seed/seed.ts';

export type App = CompleteSeed['apps'][number] & { secret: string };
export type Page = CompleteSeed['pages'][number];
/** The system user whom business tokens belong to. */
export const SYSTEM_USER = { id: '1045611823307745', name: 'Sandbox System User' };

/** A person and what they may do: tasks by Page id. */
export interface Person {
  id: string;
  name: string;
  roles: ReadonlyMap<string, readonly string[]>;
}

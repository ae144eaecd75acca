import { isDeepStrictEqual } from 'node:util';
import { envStoreError, lastFour } from '../shared/secrets.ts';
import { type BindingContext, bindSecrets, type NewSecret } from './bind-secrets.ts';
import { newItem } from './secret-binding.ts';
import { excludeRefs, secretRefsOf } from './secret-refs.ts';
import type { ProfileState, SecretEdits, SecretRef } from './types.ts';

/** The difference that a change makes. */
export interface PreparedEdit {
  old: ProfileState;
  draft: ProfileState;
  put: readonly NewSecret[];
  removed: readonly SecretRef[];
}

/**
 * Runs `edit` on a copy of the state, and determines which secrets it adds and removes. Stores
 * nothing.
 */
export async function prepareEdit<Result>(
  context: BindingContext,
  old: ProfileState,
  edit: (draft: ProfileState, secrets: SecretEdits) => Result,
  { bindAll = false }: { bindAll?: boolean } = {},
): Promise<PreparedEdit & { result: Result }> {
  const draft = structuredClone(old);
  const edits = new Edits(context);
  const result = edit(draft, edits);
  const { added, confirmed } = edits;
  const bound = await bindSecrets(context, { old, draft, added, confirmed, all: bindAll });
  const refs = secretRefsOf(draft);
  const items = new Set(refs.map(({ item }) => item));
  const put = bound.filter(({ ref }) => items.has(ref.item));
  return { result, old, draft, put, removed: excludeRefs(secretRefsOf(old), refs) };
}

export function changesAnything({ old, draft, put, removed }: PreparedEdit): boolean {
  return put.length > 0 || removed.length > 0 || !isDeepStrictEqual(draft, old);
}

class Edits implements SecretEdits {
  readonly #context: BindingContext;
  readonly added = new Map<string, NewSecret>();
  readonly confirmed = new Map<string, Set<string>>();

  constructor(context: BindingContext) {
    this.#context = context;
  }

  put(owner: string, field: string, value: string): SecretRef {
    const { activeStore, name } = this.#context;
    if (activeStore === 'env') throw envStoreError();
    const item = newItem(name, { owner, field, hosts: [] });
    const ref = { store: activeStore, item, last4: lastFour(value) };
    this.added.set(item, { ref, value });
    return { ...ref };
  }

  confirm(owner: string, keys: Iterable<string>): void {
    this.confirmed.set(owner, new Set([...(this.confirmed.get(owner) ?? []), ...keys]));
  }
}

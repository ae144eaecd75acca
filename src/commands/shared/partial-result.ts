import type { CommandContext } from './command-context.ts';
import type { CommandResult } from './command-result.ts';

/**
 * Makes an interrupted or failed command print the results of the items that are done, in the order
 * of `items`, unless `toResult` returns null. Returns a function to call with each result.
 */
export function collectResults<Item, Result>(
  { onIncomplete }: Pick<CommandContext, 'onIncomplete'>,
  items: readonly Item[],
  toResult: (results: Result[], items: Item[]) => CommandResult | null,
): (item: Item, result: Result) => void {
  const results = new Map<Item, Result>();
  onIncomplete(() => {
    if (results.size === 0) return null;
    const done = items.filter((item) => results.has(item));
    return toResult(
      done.map((item) => results.get(item) as Result),
      done,
    );
  });
  return (item, result) => void results.set(item, result);
}

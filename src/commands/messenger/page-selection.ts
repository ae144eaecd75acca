import { usageError } from '../../shared/errors.ts';
import { isMetaId } from '../../shared/meta-id.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import type { ResultShape } from '../../ui/output/render.ts';
import type { Terminal } from '../../ui/terminal/terminal.ts';
import type { OptionsOf } from '../shared/options.ts';
import { ERROR_FIELDS } from '../shared/result-fields.ts';

export const SELECTION_OPTIONS = {
  '--page <id>': { description: 'Page to connect (repeatable)', isRepeatable: true },
  '--all-pages': 'connect all eligible Pages',
} as const;

type SelectionOptions = OptionsOf<typeof SELECTION_OPTIONS>;

export type Selection = { ids: readonly string[] } | 'all' | 'ask';

const SELECTION_HINT =
  'Pass --page <id> for each Page, or --all-pages. To list the Pages, run: channelctl messenger connect --list-only';

export const PAGES_RESULT: ResultShape = {
  fields: [
    'success',
    ...fieldsIn('pages', ['id', 'name', 'account_key', 'connected', ...ERROR_FIELDS]),
  ],
  listIn: 'pages',
  columns: ['id', 'name', 'account_key', 'connected', 'error.message', 'error.hint'],
  truncatable: ['name'],
  droppable: ['account_key'],
};

/**
 * Parses the options that select Pages. Call it before the sign-in, whose code works only once.
 *
 * @throws ChannelctlError `usage` if options conflict, an ID is invalid, or there are no options and
 *   prompts are not possible
 */
export function parseSelection(
  { page, allPages }: SelectionOptions,
  terminal: Terminal,
  listOnly: false,
): Selection;
export function parseSelection(
  { page, allPages }: SelectionOptions,
  terminal: Terminal,
  listOnly: boolean,
): Selection | 'list-only';
export function parseSelection(
  { page, allPages }: SelectionOptions,
  terminal: Terminal,
  listOnly: boolean,
): Selection | 'list-only' {
  const given = [
    page === undefined ? null : '--page',
    allPages === true ? '--all-pages' : null,
    listOnly ? '--list-only' : null,
  ].filter((flag) => flag !== null);
  if (given.length > 1) {
    throw usageError(`${given.join(' and ')} cannot be used together.`, {
      hint: 'Pass only one of them.',
    });
  }
  const invalid = page?.find((id) => !isMetaId(id));
  if (invalid !== undefined) {
    throw usageError(`Invalid value for --page: ${JSON.stringify(invalid)} is not a Page ID.`, {
      reason: 'A Page ID consists of digits.',
      hint: SELECTION_HINT,
    });
  }
  if (listOnly) return 'list-only';
  if (allPages === true) return 'all';
  if (page !== undefined) return { ids: [...new Set(page)] };
  if (terminal.interactive) return 'ask';
  throw usageError('No Page was selected.', { hint: SELECTION_HINT });
}

/** Returns the IDs passed with --page. These Pages are requested even if no list contains them. */
export function idsOf(selection: Selection): readonly string[] {
  return selection === 'all' || selection === 'ask' ? [] : selection.ids;
}

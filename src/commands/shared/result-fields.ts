import { fieldsIn } from '../../ui/output/fields.ts';

/** Meta's error, as it appears in results. */
const GRAPH_FIELDS = fieldsIn('graph', [
  'status',
  'code',
  'subcode',
  'type',
  'message',
  'details',
  'user_title',
  'user_message',
  'fbtrace_id',
  'is_transient',
]);

/** The error of one item in a list. */
export const ERROR_FIELDS = fieldsIn('error', ['message', 'hint', ...GRAPH_FIELDS]);

/** The problems that a check found. */
export const PROBLEM_FIELDS = fieldsIn('problems', [
  'part',
  'severity',
  'message',
  'hint',
  ...GRAPH_FIELDS,
]);

/** The changes of a step or an audit entry. */
export const CHANGE_FIELDS = fieldsIn('changes', [
  'field',
  'before',
  'before.*',
  'after',
  'after.*',
]);

const STEP_FIELDS = ['action', 'where', 'part', 'name', ...CHANGE_FIELDS] as const;

/** The steps of a plan, and the accounts that could not be read. */
export const PLAN_FIELDS = [
  ...fieldsIn('steps', STEP_FIELDS),
  ...fieldsIn('problems', ['name', 'message', 'hint', ...GRAPH_FIELDS]),
  ...fieldsIn('notes', ['name', 'message', 'hint']),
];

import { fieldsIn } from '../../ui/output/fields.ts';

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

export const ERROR_FIELDS = fieldsIn('error', ['message', 'hint', ...GRAPH_FIELDS]);

export const PROBLEM_FIELDS = fieldsIn('problems', [
  'part',
  'severity',
  'message',
  'hint',
  ...GRAPH_FIELDS,
]);

export const CHANGE_FIELDS = fieldsIn('changes', [
  'field',
  'before',
  'before.*',
  'after',
  'after.*',
]);

const STEP_FIELDS = ['action', 'where', 'part', 'name', ...CHANGE_FIELDS] as const;

export const PLAN_FIELDS = [
  ...fieldsIn('steps', STEP_FIELDS),
  ...fieldsIn('problems', ['name', 'message', 'hint', ...GRAPH_FIELDS]),
  ...fieldsIn('notes', ['name', 'message', 'hint']),
];

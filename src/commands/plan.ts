import { defineCommand } from './shared/command.ts';
import { DOCUMENT_OPTIONS } from './shared/document-options.ts';
import { PLAN_FIELDS } from './shared/result-fields.ts';

export const plan = defineCommand({
  name: 'plan',
  summary: 'Show the changes apply would make',
  role: 'supervisor',
  examples: [
    { line: 'plan -f channels.yaml', about: 'What apply would do, and what differs at Meta' },
    { line: 'plan -f channels.yaml --check --json', about: 'In CI: exit 6 where anything differs' },
    { line: 'plan -f - --offline', about: 'A document from stdin, beside the local state alone' },
  ],
  notes:
    'Sections that the document omits are not changed. Nothing is removed without --prune. A secret of an existing account is never removed, because it may be stored nowhere else (remove it with --unset).\nIf the variable of a secret is not set, the stored secret remains. To compare secrets, plan reads the files and runs the commands that the document refers to.\nIf Meta could not be asked about an account, the exit code is 5, unless --check found a difference: then 6.',
  result: { fields: ['differences', ...PLAN_FIELDS] },
  options: { ...DOCUMENT_OPTIONS, '--check': 'exit 6 where there is any difference' },
  async run(options, context) {
    const [{ preparePlan }, { formatPlan, problemView, stepView }] = await Promise.all([
      import('./shared/prepare-plan.ts'),
      import('./shared/plan-report.ts'),
    ]);
    const { steps, problems } = await preparePlan(options, context);
    const differs = options.check === true && steps.length > 0;
    const unknown = problems.length > 0;
    return {
      data: {
        differences: steps.length,
        steps: steps.map(stepView),
        problems: problems.map(problemView),
      },
      summary: (style) => formatPlan(steps, problems, style),
      ...(differs ? { kind: 'unhealthy' } : unknown ? { kind: 'graph' } : {}),
    };
  },
});

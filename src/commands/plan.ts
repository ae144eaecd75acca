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
    'A section that the document leaves out is left alone. Nothing is taken away without --prune, and a secret of what stays never is: it may be kept nowhere else (take it away with --unset).\nA secret whose variable is not set stays as it is stored. To compare secrets, plan reads the files and runs the commands that the document refers to.\nWhere Meta could not be asked about an account, the exit code is 5, unless --check found a difference: then 6.',
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

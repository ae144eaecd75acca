import type { AccountFailure } from '../declarative/plan/remote-state.ts';
import { defineCommand } from './shared/command.ts';
import { DOCUMENT_OPTIONS } from './shared/document-options.ts';
import { PLAN_FIELDS } from './shared/result-fields.ts';

export const plan = defineCommand({
  name: 'plan',
  summary: 'Show the changes apply would make',
  role: 'supervisor',
  missingProfile: 'warning',
  examples: [
    { line: 'plan -f channels.yaml', about: 'Show the changes to the profile and at Meta' },
    {
      line: 'plan -f channels.yaml --check --json',
      about: 'Exit with code 6 in CI if there are changes',
    },
    {
      line: 'plan -f - --offline',
      about: 'Compare a document from stdin with the local state only',
    },
  ],
  notes:
    'Sections that the document omits are not changed. Nothing is removed without --prune. A secret of an existing account is never removed, because it may be stored nowhere else; remove it with accounts update --unset.\nIf the variable of a secret is not set or is empty, the stored secret is not changed; an empty variable causes a warning. To compare secrets, plan reads variables and files in the folder of the document. It runs commands only with --allow-commands, and reads other files only with --allow-files, because CI may run it on documents from other people; notes name the secrets that were not compared. apply runs all commands and reads all files.\nNotes list webhook URLs that a document cannot express, and affected accounts that the document omits.\nExits with code 5 if the remote state of an account could not be read; otherwise with code 6 if --check found changes.',
  result: { fields: ['differences', ...PLAN_FIELDS] },
  options: {
    ...DOCUMENT_OPTIONS,
    '--check': 'exit with code 6 if there are changes',
    '--allow-commands': 'run the commands that the document refers to',
    '--allow-files': "read files outside the document's folder",
  },
  async run(options, context) {
    const [{ preparePlan }, { formatPlan, problemView, stepView }] = await Promise.all([
      import('./shared/prepare-plan.ts'),
      import('./shared/plan-report.ts'),
    ]);
    const { steps, problems, notes } = await preparePlan(options, context, {
      commands: options.allowCommands === true,
      files: options.allowFiles === true,
    });
    const differs = options.check === true && steps.length > 0;
    const unknown = problems.length > 0;
    return {
      data: {
        differences: steps.length,
        steps: steps.map(stepView),
        problems: problems.map(problemView),
        notes,
      },
      summary: (style) => formatPlan({ steps, problems, notes }, style),
      ...(unknown ? { kind: unknownKind(problems) } : differs ? { kind: 'unhealthy' } : {}),
    };
  },
});

function unknownKind(problems: readonly AccountFailure[]): 'graph' | 'storage' {
  return problems.some(({ error }) => error.kind === 'storage') ? 'storage' : 'graph';
}

import { buildWebhookUrl } from '../accounts/account-view.ts';
import { ownerName } from '../accounts/secrets.ts';
import { buildDocument } from '../declarative/document/export.ts';
import type { AccountFailure, PlannedAccount } from '../declarative/plan/remote-state.ts';
import type { StoredAccount } from '../profile/types.ts';
import { fieldsIn } from '../ui/output/fields.ts';
import { defineCommand } from './shared/command.ts';
import { readRemote } from './shared/read-remote.ts';

const SECTIONS = ['settings', 'integrations', 'accounts', 'menus', 'subscriptions'] as const;

export const exportDocument = defineCommand({
  name: 'export',
  summary: 'Export the profile and remote state as a document',
  role: 'supervisor',
  examples: [
    {
      line: 'export > channels.yaml',
      about: 'Create a document to store in Git or apply elsewhere',
    },
    {
      line: 'export --offline',
      about: 'Export only the local state, without calling Meta',
    },
  ],
  notes:
    'Prints YAML unless you choose another format. Instead of secrets, the document contains the names of variables to set. User tokens are omitted.\nRemote state that cannot be read is omitted with a warning; the exit code is then 5.',
  result: {
    fields: ['version', ...SECTIONS.flatMap((section) => fieldsIn(section, ['*']))],
    isVerbatim: true,
  },
  options: { '--offline': 'omit the remote state: menus and subscriptions' },
  async run({ offline }, context) {
    const { toYaml } = await import('../ui/output/yaml.ts');
    const state = await context.profile.read();
    const { remoteStates, problems } =
      offline === true
        ? OFFLINE
        : await readRemote(
            state.accounts.map(plannedAccountOf),
            { values: new Map(), integrations: state.integrations },
            context,
          );
    for (const { name, error } of problems) {
      const reason = error.description;
      context.warn(`The menu and subscription of ${name} were not exported. ${reason}`, error.hint);
    }
    const base = context.settings.value('webhook_base_url');
    const data = buildDocument(state, {
      env: context.env,
      remoteStates,
      webhookUrl: (account) => buildWebhookUrl(base, account),
    });
    return {
      data,
      summary: toYaml(data).trimEnd(),
      ...(problems.length > 0 && { kind: 'graph' as const }),
    };
  },
});

const OFFLINE = { remoteStates: null, problems: [] as AccountFailure[] };

function plannedAccountOf(stored: StoredAccount): PlannedAccount {
  return { name: ownerName(stored), account: stored, config: stored.config, stored };
}

import { dirname } from 'node:path';
import { channelNamed, hasApp } from '../channels/index.ts';
import { permissionFinding, writableFinding } from '../doctor/files.ts';
import type { Finding } from '../doctor/finding.ts';
import { appFinding, networkFindings, proxyFinding } from '../doctor/meta.ts';
import {
  leftoverFindings,
  secretFindings,
  settingFindings,
  stateFindings,
  storeFinding,
} from '../doctor/profile.ts';
import { nodeFinding, versionFinding } from '../doctor/system.ts';
import { redirectFinding, webhookFinding } from '../doctor/urls.ts';
import type { ProfileState } from '../profile/types.ts';
import type { Style } from '../shared/style.ts';
import { count, plainText } from '../shared/text.ts';
import { type CommandResult, defineCommand } from './shared/command.ts';
import type { CommandContext } from './shared/command-context.ts';
import { requireRole } from './shared/require-role.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Find out what is wrong with this installation, and mend it',
  role: 'supervisor',
  toleratesCorruptState: true,
  examples: [
    { line: 'doctor', about: 'Look at everything; nothing is changed' },
    { line: 'doctor --fix', about: 'Mend what can be mended without harm' },
  ],
  notes:
    '--fix (admin) takes permissions away from others, takes away locks of processes that are gone, and\nremoves what interrupted commands left and stored secrets that nothing uses. A file that is broken is never touched. Exits with 6 where\nan error remains.',
  result: { fields: ['check', 'status', 'message', 'hint', 'fixed'] },
  options: { '--fix': 'mend what can be mended without harm' },
  async run({ fix = false }, context): Promise<CommandResult> {
    if (fix) requireRole('admin', context.settings.role, context.profile.name);
    const progress = context.terminal.progress('Looking at the installation');
    try {
      const data = await findingsOf(fix, context);
      return {
        data,
        summary: (style) => letter(data, style),
        ...(data.some(({ status }) => status === 'error') ? { kind: 'unhealthy' } : {}),
      };
    } finally {
      progress.stop();
    }
  },
});

async function findingsOf(fix: boolean, context: CommandContext): Promise<Finding[]> {
  const { env, profile, settings, nodeVersion, now } = context;
  const folder = dirname(profile.path);
  const store = settings.secretStore;
  const meta = networkFindings(context); // Takes longest: it goes on beside the rest.
  const { state, findings } = await stateFindings(profile);
  return [
    nodeFinding(nodeVersion),
    await writableFinding(folder),
    await permissionFinding(folder, fix),
    ...findings,
    ...(state === null ? [] : settingFindings(state)),
    ...(await leftoverFindings(profile, fix)),
    await storeFinding(profile, store),
    ...(state === null ? [] : await secretFindings(state, profile, { env, store, fix })),
    versionFinding(settings.graphVersion, now()),
    await redirectFinding(settings.value('redirect_uri') ?? ''),
    webhookFinding(settings.value('webhook_base_url')),
    proxyFinding(env),
    ...(await meta),
    ...(state === null ? [] : await appFindings(state, context, await meta)),
  ];
}

function appFindings(state: ProfileState, context: CommandContext, network: readonly Finding[]) {
  const online = network.every(({ check, status }) => check !== 'network' || status === 'ok');
  const channels = state.integrations
    .filter(({ channel, is_active }) => is_active && hasApp(channelNamed(channel)))
    .map(({ channel }) => channel);
  return Promise.all(channels.map((channel) => appFinding(channel, context, online)));
}

function letter(findings: readonly Finding[], style: Style): string {
  const marks = {
    ok: style.good('ok     '),
    warning: style.caution('warning'),
    error: style.bad('error  '),
  };
  const lines = findings.flatMap(({ check, status, message, hint, fixed }) => [
    `${fixed ? style.good('fixed  ') : marks[status]}  ${check.padEnd(17)}${plainText(message)}`,
    ...(hint === null ? [] : [`${' '.repeat(26)}${plainText(hint)}`]),
  ]);
  const many = (status: Finding['status']) =>
    findings.filter((one) => one.status === status).length;
  return `${lines.join('\n')}\n\n${count(many('error'), 'error')}, ${count(many('warning'), 'warning')}.`;
}

import { dirname } from 'node:path';
import { channelNamed, hasApp } from '../channels/index.ts';
import { checkFolder, checkPermissions, checkProfileName } from '../doctor/files.ts';
import { checkIntegration, checkMetaUrls, checkNetwork, checkProxy } from '../doctor/meta.ts';
import type { DoctorResult } from '../doctor/result.ts';
import { checkGraphVersion, checkNode } from '../doctor/system.ts';
import { checkRedirectUri, checkWebhookBaseUrl } from '../doctor/urls.ts';
import type { ProfileState } from '../profile/types.ts';
import { count, stripControlCharacters } from '../shared/text.ts';
import type { Style } from '../ui/output/style.ts';
import { defineCommand } from './shared/command.ts';
import type { CommandContext } from './shared/command-context.ts';
import type { CommandResult } from './shared/command-result.ts';
import { withProgress } from './shared/progress.ts';
import { formatStatus } from './shared/report.ts';
import { requireRole } from './shared/require-role.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Diagnose this installation and fix problems',
  role: 'supervisor',
  toleratesCorruptState: true,
  examples: [
    { line: 'doctor', about: 'Check everything without changing anything' },
    { line: 'doctor --fix', about: 'Apply safe fixes' },
  ],
  notes:
    '--fix requires the admin role. It removes permissions of other users, locks of processes that have ended, files that interrupted commands left behind, and unused secrets, and binds secrets of earlier versions to their accounts. It never changes a corrupt file. Exits with code 6 if an error remains.',
  result: { fields: ['check', 'status', 'message', 'hint', 'fixed'] },
  options: { '--fix': 'apply safe fixes' },
  async run({ fix = false }, context): Promise<CommandResult> {
    if (fix) requireRole('admin', context.settings.role, context.profile.name);
    const data = await withProgress(context.terminal, 'Checking the installation', () =>
      checkInstallation(fix, context),
    );
    return {
      data,
      summary: (style) => formatResults(data, style),
      ...(data.some(({ status }) => status === 'error') ? { kind: 'unhealthy' } : {}),
    };
  },
});

async function checkInstallation(fix: boolean, context: CommandContext): Promise<DoctorResult[]> {
  const { env, profile, machine, settings, nodeVersion, now } = context;
  const folder = dirname(machine.path);
  const store = settings.secretStore;
  const [
    {
      checkAuditLog,
      checkLeftovers,
      checkSecretStore,
      checkSettings,
      checkSharedState,
      checkState,
    },
    { checkConfig },
    { checkSecrets },
  ] = await Promise.all([
    import('../doctor/profile.ts'),
    import('../doctor/config.ts'),
    import('../doctor/secrets.ts'),
  ]);
  const meta = checkNetwork(context); // This check is the slowest, so it runs in parallel.
  const { state, results } = await checkState(profile);
  return [
    checkNode(nodeVersion),
    await checkFolder(folder),
    await checkPermissions(folder, fix),
    ...(await checkProfileName(profile.name, context.profileNames)),
    ...results,
    ...(context.backend === null ? [] : [await checkSharedState(profile)]),
    ...(state === null ? [] : [...checkSettings(state), ...checkConfig(state)]),
    ...(await checkLeftovers(profile, fix)),
    await checkAuditLog(profile),
    await checkSecretStore(profile, store),
    ...(state === null ? [] : await checkSecrets(profile, { env, store, fix })),
    checkGraphVersion(settings.graphVersion, now()),
    await checkRedirectUri(settings.value('redirect_uri') ?? ''),
    checkWebhookBaseUrl(settings.value('webhook_base_url')),
    checkProxy(env),
    checkMetaUrls(env),
    ...(await meta),
    ...(state === null ? [] : await checkIntegrations(state, context, await meta)),
  ];
}

function checkIntegrations(
  state: ProfileState,
  context: CommandContext,
  network: readonly DoctorResult[],
) {
  const online = network.every(({ check, status }) => check !== 'network' || status === 'ok');
  const channels = state.integrations
    .filter(({ channel, is_active }) => is_active && hasApp(channelNamed(channel)))
    .map(({ channel }) => channel);
  return Promise.all(channels.map((channel) => checkIntegration(channel, context, online)));
}

function formatResults(results: readonly DoctorResult[], style: Style): string {
  const lines = results.flatMap(({ check, status, message, hint, fixed }) => [
    `${formatStatus(fixed ? 'fixed' : status, style)}  ${check.padEnd(17)}${stripControlCharacters(message)}`,
    ...(hint === null ? [] : [`${' '.repeat(26)}${stripControlCharacters(hint)}`]),
  ]);
  const countOf = (status: DoctorResult['status']) =>
    results.filter((one) => one.status === status).length;
  return `${lines.join('\n')}\n\n${count(countOf('error'), 'error')}, ${count(countOf('warning'), 'warning')}.`;
}

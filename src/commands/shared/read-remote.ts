import { appIdOf, type IntegrationConfig } from '../../channels/meta/app.ts';
import type { RemoteState } from '../../channels/meta/remote.ts';
import type { SecretValues } from '../../declarative/document/references.ts';
import {
  type AccountFailure,
  type PlannedAccount,
  type ReachableAccount,
  readRemoteStates,
  resolveCredentials,
} from '../../declarative/plan/remote-state.ts';
import type { CommandContext } from './command-context.ts';
import { countItems, withProgress } from './progress.ts';

interface RemoteSources {
  values: SecretValues;
  integrations: readonly (IntegrationConfig & { channel: string })[];
}

export interface RemoteReading {
  remoteStates: ReadonlyMap<string, RemoteState>;
  reachable: readonly ReachableAccount[];
  problems: readonly AccountFailure[];
}

export async function readRemote(
  candidates: readonly PlannedAccount[],
  { values, integrations }: RemoteSources,
  context: CommandContext,
): Promise<RemoteReading> {
  const text = 'Reading the remote state';
  return withProgress(context.terminal, text, async (progress) => {
    const { reachable, problems } = await resolveCredentials(candidates, {
      ...context,
      values,
      appIdOf: (channel) => {
        const own = integrations.filter((one) => one.channel === channel);
        return appIdOf(own.find(({ config }) => config?.app_id !== undefined));
      },
    });
    const onDone = countItems(progress, text, reachable.length, 'account');
    const read = await readRemoteStates(reachable, onDone);
    return {
      remoteStates: read.remoteStates,
      reachable,
      problems: [...problems, ...read.problems],
    };
  });
}

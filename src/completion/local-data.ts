import { configFolder, listProfiles, profilePaths } from '../profile/paths.ts';
import type { Environment } from '../profile/settings.ts';
import { readState } from '../profile/state-file/read.ts';
import type { Candidate, LocalData } from './candidates.ts';

export function localData(env: Environment): LocalData {
  const folder = configFolder(env);
  return {
    async accounts(profile, channel) {
      const name = profile ?? (env.CHANNELCTL_PROFILE || 'default');
      const { accounts } = await readState(profilePaths(folder, name).state);
      const uses = new Map<string, number>();
      for (const { account_key: key } of accounts) uses.set(key, (uses.get(key) ?? 0) + 1);
      return accounts
        .filter((account) => channel === null || account.channel === channel)
        .flatMap(({ channel: own, account_key: key, display_name }): Candidate[] => {
          const about = display_name ?? own;
          const full = { value: `${own}/${key}`, about };
          return uses.get(key) === 1 ? [{ value: key, about }, full] : [full];
        });
    },
    async profiles() {
      return (await listProfiles(folder)).map((value) => ({ value, about: '' }));
    },
  };
}

import { settingError } from '../profile/settings.ts';
import type { Profile, ProfileState } from '../profile/types.ts';
import { SHORT_PASSPHRASE } from '../secrets/passphrase.ts';
import { count } from '../shared/text.ts';
import { type DoctorResult, error, FIX, failed, fixed, ok, warning } from './result.ts';

export async function checkState(
  profile: Profile,
): Promise<{ state: ProfileState | null; results: DoctorResult[] }> {
  try {
    const state = await profile.read();
    const accounts = count(state.accounts.length, 'account');
    return { state, results: [ok('state', `The state file is valid and contains ${accounts}.`)] };
  } catch (thrown) {
    return { state: null, results: [failed('state', thrown)] };
  }
}

export function checkSettings({ settings }: ProfileState): DoctorResult[] {
  const issues = Object.entries(settings).flatMap(([key, value]) => {
    const invalid = settingError(key, value);
    if (invalid === null) return [];
    return [error('settings', invalid.description, `Run: channelctl config unset ${key}`)];
  });
  return issues.length > 0 ? issues : [ok('settings', 'All stored settings are valid.')];
}

export async function checkLeftovers(profile: Profile, fix: boolean): Promise<DoctorResult[]> {
  const { lock, staleFiles } = await profile.diagnose();
  if (lock.state === 'held') {
    const who = lock.pid === null ? 'Another process' : `Process ${lock.pid}`;
    return [ok('lock', `${who} is changing the profile.`)];
  }
  const isLeft = lock.state !== 'free';
  if (!isLeft && staleFiles.length === 0) return [FREE, NOTHING_LEFT];
  if (fix) return cleanedUp(profile, isLeft, staleFiles);
  return [
    lock.state === 'dead'
      ? warning('lock', `A process that has ended left its lock behind${pidOf(lock.pid)}.`, FIX)
      : lock.state === 'doubtful'
        ? warning(
            'lock',
            doubtfulLock(lock.pid),
            'If no other channelctl is running, run: channelctl doctor --fix',
          )
        : FREE,
    staleFiles.length === 0
      ? NOTHING_LEFT
      : warning(
          'leftovers',
          `Interrupted commands left files behind: ${staleFiles.join(', ')}.`,
          FIX,
        ),
  ];
}

const FREE = ok('lock', 'The profile is not locked.');
const NOTHING_LEFT = ok('leftovers', 'Interrupted commands left no files behind.');

function doubtfulLock(pid: number | null): string {
  return `The profile has been locked for over a minute${pidOf(pid)}. It is unknown whether this process holds the lock, or has the ID of an earlier process that ended without releasing it.`;
}

function pidOf(pid: number | null): string {
  return pid === null ? '' : ` (process ${pid})`;
}

async function cleanedUp(
  profile: Profile,
  isLeft: boolean,
  left: string[],
): Promise<DoctorResult[]> {
  try {
    await profile.cleanUp();
  } catch (thrown) {
    return [failed('leftovers', thrown)];
  }
  const { staleFiles } = await profile.diagnose();
  return [
    isLeft ? fixed('lock', 'Removed the lock that was left behind.') : FREE,
    staleFiles.length > 0
      ? error(
          'leftovers',
          `These files could not be removed: ${staleFiles.join(', ')}.`,
          'Make the secret store available, then run: channelctl doctor --fix',
        )
      : left.length === 0
        ? NOTHING_LEFT
        : fixed('leftovers', `Removed ${left.join(', ')}.`),
  ];
}

export async function checkSecretStore(profile: Profile, store: string): Promise<DoctorResult> {
  if (store === 'env')
    return ok('secret_store', 'env: secrets are read only from environment variables.');
  try {
    await profile.assertWritable();
    if (await profile.hasShortPassphrase()) {
      return warning('secret_store', SHORT_PASSPHRASE.message, SHORT_PASSPHRASE.hint);
    }
    return ok('secret_store', `${store}: available.`);
  } catch (thrown) {
    return failed('secret_store', thrown);
  }
}

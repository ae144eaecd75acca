import type { LockState } from '../profile/lock/lock.ts';
import { settingError } from '../profile/settings.ts';
import type { Profile, ProfileState } from '../profile/types.ts';
import { SHORT_PASSPHRASE } from '../secrets/passphrase.ts';
import { ChannelctlError } from '../shared/errors.ts';
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

/** Checks that shared state can be read and written. */
export async function checkSharedState(profile: Profile): Promise<DoctorResult> {
  try {
    const { location, revision, changed_by: by } = await profile.describe();
    await profile.assertWritable();
    const who = by === null ? '' : `, changed by ${by.user} on ${by.host}`;
    return ok('shared_state', `The state is in ${location}, revision ${revision}${who}.`);
  } catch (thrown) {
    return failed('shared_state', thrown);
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
  const { lock, staleFiles, errors } = await profile.diagnose();
  const isKnown = !(lock instanceof ChannelctlError);
  const failures = errors.map((one) => failed('leftovers', one));
  if (isKnown && lock.state === 'held') {
    const who = lock.pid === null ? 'Another process' : `Process ${lock.pid}`;
    return [ok('lock', `${who} is changing the profile.`), ...failures];
  }
  const isLeft = isKnown && lock.state !== 'free';
  const hasStale = staleFiles.length > 0;
  if (fix && isKnown && (isLeft || hasStale)) return cleanedUp(profile, isLeft, staleFiles);
  return [
    isKnown ? lockResult(lock) : failed('lock', lock),
    ...(hasStale ? [staleWarning(staleFiles)] : []),
    ...(hasStale || failures.length > 0 ? failures : [NOTHING_LEFT]),
  ];
}

function lockResult(lock: LockState): DoctorResult {
  if (lock.state === 'dead') {
    return warning('lock', `A process that has ended left its lock behind${pidOf(lock.pid)}.`, FIX);
  }
  if (lock.state !== 'doubtful') return FREE;
  return warning(
    'lock',
    doubtfulLock(lock.pid),
    'If no other channelctl is running, run: channelctl doctor --fix',
  );
}

function staleWarning(staleFiles: readonly string[]): DoctorResult {
  const message = `Interrupted commands left files behind: ${staleFiles.join(', ')}.`;
  return warning('leftovers', message, FIX);
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
    return [...(isLeft ? [] : [FREE]), failed('leftovers', thrown)];
  }
  const { staleFiles, errors } = await profile.diagnose();
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
    ...errors.map((one) => failed('leftovers', one)),
  ];
}

export async function checkAuditLog(profile: Profile): Promise<DoctorResult> {
  const check = 'audit_log';
  try {
    await profile.assertAuditable();
    let entries = 0;
    let unreadable = 0;
    const damaged = new Set<string>();
    const matches = () => {
      entries += 1;
      return false;
    };
    for await (const { log } of profile.readHistory({ mayMatch: () => true, matches })) {
      unreadable += 1;
      damaged.add(log);
    }
    if (unreadable === 0) {
      return ok(check, `The audit log contains ${count(entries, 'entry', 'entries')}.`);
    }
    return warning(
      check,
      `The audit log has ${count(unreadable, 'unreadable line')}: ${[...damaged].join(', ')}.`,
      'A full disk or an interrupted command may have truncated the log. To remove this warning, delete the lines.',
    );
  } catch (thrown) {
    return failed(check, thrown);
  }
}

export async function checkSecretStore(profile: Profile, store: string): Promise<DoctorResult> {
  if (store === 'env')
    return ok('secret_store', 'env: secrets are read only from environment variables.');
  try {
    await profile.assertStoreWritable();
    if (await profile.hasShortPassphrase()) {
      return warning('secret_store', SHORT_PASSPHRASE.message, SHORT_PASSPHRASE.hint);
    }
    const origin = await profile.passphraseOrigin();
    const passphrase = origin === null ? '' : ` The passphrase comes from ${origin}.`;
    return ok('secret_store', `${store}: available.${passphrase}`);
  } catch (thrown) {
    return failed('secret_store', thrown);
  }
}

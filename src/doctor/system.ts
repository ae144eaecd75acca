import { type DoctorResult, error, ok, warning } from './result.ts';

const MIN_VERSION = [20, 19];

export function checkNode(version: string): DoctorResult {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = MIN_VERSION;
  if (major > minMajor || (major === minMajor && minor >= minMinor)) {
    return ok('node', `Node.js ${version}.`);
  }
  const message = `Node.js ${version} is too old for channelctl.`;
  return error('node', message, `Install Node.js ${MIN_VERSION.join('.')} or later.`);
}

/**
 * The last day on which each Graph API version is available; null if Meta has not announced it.
 *
 * Source: Meta, "Graph API, changelog, available versions".
 */
const LAST_DAYS: Readonly<Record<string, string | null>> = {
  'v21.0': '2027-01-21',
  'v22.0': '2027-05-20',
  'v23.0': '2027-10-08',
  'v24.0': '2028-02-18',
  'v25.0': '2028-07-29',
  'v26.0': null,
};

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_DAYS = 90;

export function checkGraphVersion(version: string, now: Date): DoctorResult {
  const check = 'graph_version';
  const newest = Object.keys(LAST_DAYS).at(-1);
  const hint = `Run: channelctl config set graph_version ${newest}`;
  const lastDay = LAST_DAYS[version];
  if (lastDay === null) return ok(check, `${version}; Meta has not announced a retirement date.`);
  if (lastDay === undefined) {
    if (numberOf(version) > numberOf(newest ?? '')) {
      const message = `${version} is newer than ${newest}, the latest version that this release of channelctl supports.`;
      return warning(check, message, hint);
    }
    return error(
      check,
      `${version} is retired; Meta uses the oldest available version instead.`,
      hint,
    );
  }
  const days = (Date.parse(lastDay) + DAY_MS - now.getTime()) / DAY_MS;
  if (days <= 0)
    return error(check, `${version} was available until ${lastDay} and is now retired.`, hint);
  const message = `${version} is available until ${lastDay}.`;
  return days < SOON_DAYS ? warning(check, message, hint) : ok(check, message);
}

function numberOf(version: string): number {
  return Number(version.slice(1));
}

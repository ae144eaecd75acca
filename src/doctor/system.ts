import { type DoctorResult, error, ok, warning } from './result.ts';

const LEAST = [20, 19];

/** @param version the value of `process.version` */
export function checkNode(version: string): DoctorResult {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) {
    return ok('node', `Node ${version}.`);
  }
  const message = `Node ${version} is older than channelctl was made for.`;
  return error('node', message, `Install Node ${LEAST.join('.')} or newer.`);
}

/** The last day of each version of the Graph API, as Meta announced it; null if it has not. */
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
  if (lastDay === null) return ok(check, `${version}; Meta has announced no last day for it.`);
  if (lastDay === undefined) {
    if (numberOf(version) > numberOf(newest ?? '')) {
      const message = `${version} is newer than this channelctl, which was made for ${newest}.`;
      return warning(check, message, hint);
    }
    return error(check, `${version} is retired: the oldest living version answers for it.`, hint);
  }
  const days = (Date.parse(lastDay) + DAY_MS - now.getTime()) / DAY_MS;
  if (days <= 0) return error(check, `${version} was retired after ${lastDay}.`, hint);
  const message = `${version}; its last day is ${lastDay}.`;
  return days < SOON_DAYS ? warning(check, message, hint) : ok(check, message);
}

function numberOf(version: string): number {
  return Number(version.slice(1));
}

import { hostname, userInfo } from 'node:os';
import type { AuditActor } from '../profile/audit/log.ts';
import type { Environment } from '../profile/settings.ts';

export function auditActor(command: string, env: Environment): AuditActor {
  return { user: userName(), host: hostname(), ci: ciJob(env), command };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function ciJob(env: Environment): string | null {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  if (GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID) {
    return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  }
  const { CI_JOB_URL, BUILDKITE_BUILD_URL, CIRCLE_BUILD_URL, BUILD_URL, CI } = env;
  return CI_JOB_URL || BUILDKITE_BUILD_URL || CIRCLE_BUILD_URL || BUILD_URL || CI || null;
}

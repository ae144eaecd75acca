import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseSeed } from '../src/sandbox/seed/seed.ts';
import { startSandbox } from '../src/sandbox/start.ts';
import { PROGRAM, type Run, temporaryFolder } from './support/cli.ts';
import { variablesFor } from './support/desk.ts';

// Runs the CI jobs of the README with a shell, in an environment without a terminal, home folder or
// keychain.

const README = await readFile(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
const PROFILE = '17841445902716037';
const DAY_MS = 24 * 60 * 60 * 1000;

const SEED = `
apps: [{ id: "700", secret: app-secret-700-of-the-desk, name: Small Desk }]
pages: [{ id: "81", name: Alder Books }]
people: [{ id: "91", name: Ada Alder, pages: [{ id: "81" }] }]
instagram:
  accounts:
    - { user_id: "${PROFILE}", app_scoped_id: "27134", username: ada, name: Ada, access_token: IGAA-the-first-token }
`;

function block(name: string): string {
  const blocks = [...README.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? '');
  const found = blocks.find((text) => text.startsWith(`# ${name}\n`));
  if (found === undefined) throw new Error(`The README has no ${name}.`);
  return found;
}

type Event = 'merge request' | 'main' | 'nightly';

interface Job {
  commands(event: Event): string[];
  variables(workspace: string, secrets: Record<string, string>): Record<string, string>;
  /** Returns the exit codes other than 0 that do not fail the job. */
  tolerated(event: Event): number[];
  savesAfterFailure: boolean;
}

const gitHubWorkflow = z.object({
  jobs: z.object({
    channels: z.object({
      env: z.record(z.string(), z.string()),
      steps: z.array(
        z.object({
          if: z.string().optional(),
          run: z.string().optional(),
          uses: z.string().optional(),
        }),
      ),
    }),
  }),
});

function gitHub(): Job {
  const { env, steps } = gitHubWorkflow.parse(parse(block('.github/workflows/channels.yml'))).jobs
    .channels;
  const names = { 'merge request': 'pull_request', main: 'push', nightly: 'schedule' };
  return {
    commands: (event) =>
      steps
        .filter((step) => step.if === undefined || step.if.includes(`'${names[event]}'`))
        .flatMap(({ run }) => run ?? []),
    variables: (workspace, secrets) =>
      Object.fromEntries(
        Object.entries(env).map(([name, value]) => [
          name,
          value
            .replace(/\$\{\{ github\.workspace \}\}/, workspace)
            .replace(/\$\{\{ secrets\.(\w+) \}\}/, (_, secret: string) => secrets[secret] ?? ''),
        ]),
      ),
    tolerated: () => [],
    savesAfterFailure: steps.some(
      ({ uses, if: condition }) =>
        uses?.startsWith('actions/cache/save@') === true && condition?.includes('always()'),
    ),
  };
}

const gitLabJob = z.object({
  rules: z.array(z.object({ if: z.string() })),
  script: z.array(z.string()),
  allow_failure: z.object({ exit_codes: z.number() }).optional(),
});
const gitLabFile = z.object({
  default: z.object({
    before_script: z.array(z.string()),
    cache: z.object({ when: z.string() }),
  }),
  variables: z.record(z.string(), z.string()),
  plan: gitLabJob,
  apply: gitLabJob,
  refresh: gitLabJob,
});

function gitLab(): Job {
  const file = gitLabFile.parse(parse(block('.gitlab-ci.yml')));
  const sources = { 'merge request': 'merge_request_event', main: 'push', nightly: 'schedule' };
  const jobsAt = (event: Event) =>
    [file.plan, file.apply, file.refresh].filter(({ rules }) =>
      rules.some((rule) => rule.if.includes(`"${sources[event]}"`)),
    );
  return {
    commands: (event) => [
      ...file.default.before_script,
      ...jobsAt(event).flatMap(({ script }) => script),
    ],
    variables: (workspace, secrets) => ({
      ...secrets,
      ...Object.fromEntries(
        Object.entries(file.variables).map(([name, value]) => [
          name,
          value.replace('$CI_PROJECT_DIR', workspace),
        ]),
      ),
    }),
    tolerated: (event) =>
      jobsAt(event).flatMap(({ allow_failure }) => allow_failure?.exit_codes ?? []),
    savesAfterFailure: file.default.cache.when === 'always',
  };
}

async function runner(job: Job) {
  const clock = { ahead: 0 };
  const meta = await startSandbox({
    port: 0,
    seed: parseSeed(SEED),
    now: () => Date.now() + clock.ahead,
  });
  onTestFinished(() => meta.close());
  const folder = await temporaryFolder();
  const workspace = join(folder, 'workspace');
  const bin = join(folder, 'bin');
  await Promise.all([workspace, bin].map((path) => mkdir(path)));
  await symlink(PROGRAM, join(bin, 'channelctl'));
  await writeFile(join(workspace, 'channels.yaml'), block('channels.yaml'));
  const secrets: Record<string, string> = {
    CHANNELCTL_PASSPHRASE: 'correct horse battery staple',
    MESSENGER_APP_SECRET: 'app-secret-700-of-the-desk',
    PAGE_TOKEN: meta.description.pages[0]?.access_token ?? '',
    INSTAGRAM_TOKEN: 'IGAA-the-first-token',
  };

  const shell = (line: string): Promise<Run> => {
    const env = {
      PATH: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
      HOME: join(folder, 'there-is-no-home'),
      CI: 'true',
      ...variablesFor(meta),
      ...job.variables(workspace, secrets),
    };
    return new Promise((resolve) => {
      const child = execFile('sh', ['-c', line], { cwd: workspace, env }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
      );
      child.stdin?.end();
    });
  };
  /** Runs the commands for an event, except for the installation, which another test covers. */
  const at = async (event: Event) => {
    const lines = job.commands(event).filter((line) => !line.startsWith('npm install'));
    const runs: Run[] = [];
    for (const line of lines) runs.push(await shell(line));
    return { lines, runs, last: runs.at(-1) };
  };
  return { at, shell, clock, secrets, folder, workspace, meta };
}

test.each([
  ['GitHub Actions', gitHub],
  ['GitLab', gitLab],
])(
  'the %s jobs do what the README says',
  async (_, jobOf) => {
    const job = jobOf();
    const { at, shell, clock, secrets, folder, workspace } = await runner(job);

    const before = await at('merge request');
    expect(before.lines).toEqual([
      expect.stringMatching(/^channelctl plan -f channels\.yaml --check/),
    ]);
    expect([0, ...job.tolerated('merge request')]).toContain(before.last?.code);
    expect(before.last?.stdout).toContain('messenger/fb-81');

    const main = await at('main');
    expect(main.lines).toEqual(['channelctl apply -f channels.yaml --yes']);
    expect(main.last).toMatchObject({ code: 0 });
    expect((await at('merge request')).last).toMatchObject({ code: 0 });
    expect((await shell('channelctl plan -f channels.yaml --check')).code).toBe(0);

    const firstNight = await at('nightly');
    expect(firstNight.last).toMatchObject({ code: 0 });
    expect(firstNight.last?.stdout).toMatch(/instagram.*no.*less than 24 hours old/);

    clock.ahead = 50 * DAY_MS;
    const nightly = await at('nightly');
    expect(nightly.lines).toEqual(['channelctl tokens refresh --expiring-within 14d']);
    expect(nightly.last).toMatchObject({ code: 0 });
    expect(nightly.last?.stdout).toMatch(/instagram.*yes/);

    // The variable still contains the first token, which must not replace the renewed one.
    const next = await at('main');
    expect(next.last).toMatchObject({ code: 0 });
    expect(next.last?.stdout).toContain('No changes');
    clock.ahead = 100 * DAY_MS;
    const again = await shell(`channelctl tokens refresh ig-${PROFILE}`);
    expect(again.stdout).toMatch(/instagram.*yes/);
    expect((await shell('channelctl plan -f channels.yaml --check')).code).toBe(0);
    expect((await shell(`channelctl accounts check ig-${PROFILE}`)).code).toBe(0);

    secrets.INSTAGRAM_TOKEN = 'IGAA-another-token';
    const other = await at('merge request');
    expect(other.last?.stdout).toMatch(/access_token: changed\n.*token_expires_at: .* → \(none\)/);
    secrets.INSTAGRAM_TOKEN = '';
    expect((await at('main')).last).toMatchObject({ code: 0 });
    expect((await shell('channelctl plan -f channels.yaml --check')).code).toBe(0);

    const audit = JSON.parse((await shell('channelctl audit list --json')).stdout);
    expect(audit.map(({ command }: { command: string }) => command)).toContain('tokens refresh');
    expect((await readdir(folder)).sort()).toEqual(['bin', 'workspace']);
    expect((await readdir(workspace)).sort()).toEqual(['.channelctl', 'channels.yaml']);
  },
  60_000,
);

test.each([
  ['GitHub', gitHub],
  ['GitLab', gitLab],
])('the jobs for %s save renewed tokens even if the job fails', (_system, job) => {
  expect(job().savesAfterFailure).toBe(true);
});

test('an invalid document fails the merge request', async () => {
  for (const job of [gitHub(), gitLab()]) {
    const { at, workspace } = await runner(job);
    await writeFile(join(workspace, 'channels.yaml'), 'version: 1\naccounts: none\n');
    const { last } = await at('merge request');
    expect([0, ...job.tolerated('merge request')]).not.toContain(last?.code);
  }
}, 30_000);

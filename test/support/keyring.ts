import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const PROGRAMS = ['dbus-run-session', 'dbus-send', 'gnome-keyring-daemon', 'secret-tool'];

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** The reason why tests with a real keyring are skipped, for their titles; null if they can run. */
export const keyringMissing: string | null = (() => {
  const missing = PROGRAMS.filter((program) => !isInstalled(program));
  return missing.length === 0 ? null : `skipped: ${missing.join(' and ')} not installed`;
})();

/**
 * A command that prints the service's process ID last, or nothing until the service owns its name
 * on the bus.
 */
const ASK_FOR_PID =
  'dbus-send --session --dest=org.freedesktop.DBus --print-reply=literal / ' +
  'org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets 2>/dev/null';
const FIND_PID = `until P=$(${ASK_FOR_PID} | awk '{print $NF}'); [ -n "$P" ]; do sleep 0.05; done`;

// The daemon returns before it owns its name. A call in the meantime would make the bus start a
// second daemon, which hangs.
const START = `gnome-keyring-daemon --start --components=secrets >/dev/null; ${FIND_PID}`;
const UNLOCK = `printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; ${FIND_PID}`;

const SERVICES = {
  unlocked: UNLOCK,
  /** A keyring exists only if one was unlocked in this home before. */
  locked: START,
  /** The service accepts calls but never responds. */
  suspended: `${UNLOCK}; kill -STOP "$P"`,
  /** The session bus has no service, and none that it can start. */
  absent: ':',
};

const CLEAN_UP = '[ -z "$P" ] || kill -KILL "$P"';

const BUS_WITHOUT_SERVICES = `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

export interface KeyringRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function keyringHome() {
  const home = await mkdtemp(join(tmpdir(), 'channelctl-test-keyring-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const config = join(home, 'bus.conf');
  await writeFile(config, BUS_WITHOUT_SERVICES);
  const bare = { PATH: process.env.PATH ?? '', HOME: home, XDG_RUNTIME_DIR: home };

  return {
    home,
    /**
     * Runs a command on its own session bus, with the Secret Service in this state. `$P` is the
     * process ID of the service.
     */
    run(
      service: keyof typeof SERVICES,
      argv: readonly string[],
      env: Readonly<Record<string, string>> = {},
    ): Promise<KeyringRun> {
      const bus = service === 'absent' ? [`--config-file=${config}`] : [];
      const script = `${SERVICES[service]}; export P; "$@"; code=$?; ${CLEAN_UP}; exit $code`;
      return collect('dbus-run-session', [...bus, '--', 'sh', '-c', script, 'sh', ...argv], {
        ...bare,
        ...env,
      });
    },
    runWithoutBus(
      argv: readonly string[],
      env: Readonly<Record<string, string>> = {},
    ): Promise<KeyringRun> {
      const [program = '', ...args] = argv;
      return collect(program, args, { ...bare, ...env });
    },
    async lookup(item: string): Promise<string | null> {
      const argv = ['secret-tool', 'lookup', 'service', 'channelctl', 'username', item];
      const { code, stdout } = await this.run('unlocked', argv);
      return code === 0 ? stdout : null;
    },
  };
}

function collect(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<KeyringRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

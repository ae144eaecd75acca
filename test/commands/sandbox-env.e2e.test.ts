import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { sandbox } from '../sandbox/support.ts';
import { bareEnvironment, temporaryFolder } from '../support/cli.ts';
import { isInstalled, pathWithProgram } from '../support/shells.ts';

const SECRET = 'it\'s "$HOME" \\;(id)&<x>|* %PATH% `id` é😀\nand a second line\\';

const EVAL = { sh: 'eval "$(channelctl sandbox env --port "$PORT")"' };
const SHELLS = [
  ['sh', EVAL.sh],
  ['bash', EVAL.sh],
  ['zsh', EVAL.sh],
  ['fish', 'channelctl sandbox env --port "$PORT" --shell fish | source'],
] as const;

describe('sandbox env connects a second terminal', () => {
  const PATH = pathWithProgram();

  for (const [shell, connect] of SHELLS) {
    const isMissing = !isInstalled(shell) && shell !== 'sh';
    test.skipIf(isMissing)(
      `in ${shell}${isMissing ? ' (skipped: not installed)' : ''}`,
      async () => {
        const running = await sandbox(
          JSON.stringify({ apps: [{ id: '700', name: 'Desk', secret: SECRET }] }),
        );
        const script = `${connect}
        channelctl integrations set messenger --config app_id=$SANDBOX_APP_ID --config app_secret=env:SANDBOX_APP_SECRET --quiet >/dev/null
        channelctl accounts create --channel messenger --account-key fb-1 --config page_id=$SANDBOX_PAGE_ID --config page_access_token=env:SANDBOX_PAGE_TOKEN --quiet >/dev/null
        channelctl menu set fb-1 --item Talk=postback:TALK --get-started START --quiet >/dev/null
        printf %s "$SANDBOX_APP_SECRET"`;
        const { stdout } = await promisify(execFile)(shell, ['-c', script], {
          env: {
            ...bareEnvironment(await temporaryFolder()),
            HOME: await temporaryFolder(),
            PATH,
            PORT: String(running.port),
          },
        });
        expect(stdout).toBe(SECRET);
        expect(running.requests.map(({ operation }) => operation)).toContain('setMessengerProfile');
      },
    );
  }
});

import type { SignInPorts } from '../../auth/types.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Environment, Settings } from '../../profile/settings.ts';
import type { Profile } from '../../profile/types.ts';
import type { Redactor } from '../../shared/redactor.ts';
import type { Terminal } from '../../ui/terminal/terminal.ts';

/** What a command works with. Everything costly is behind a function and built when it is first asked for. */
export interface CommandContext {
  env: Environment;
  /** `channelctl/<version>`. */
  userAgent: string;
  settings: Settings;
  profile: Profile;
  terminal: Terminal;
  /** Takes secrets out of everything that goes to stderr. */
  redactor: Redactor;
  /** Aborted when the person interrupts the program. */
  signal: AbortSignal;
  /** Answers questions without asking: `--yes`. */
  assumeYes: boolean;
  now(): Date;
  /** Resolves after so many milliseconds. Throws a `cancelled` error when the program is interrupted. */
  sleep(milliseconds: number): Promise<void>;
  randomBytes(bytes: number): Buffer;
  /** `v20.19.0`. */
  nodeVersion: string;
  /** Takes the lines of `--debug`; undefined where nobody wants to see them. */
  debug: ((line: string) => void) | undefined;
  /** Tells something that the person should know, on stderr. */
  warn(message: string, hint: string): void;
  graph(): Promise<Graph>;
  /** What a browser sign-in needs. */
  signInPorts(): SignInPorts;
  /** Work that may go on after the result is known, and that the program waits for before it ends. */
  onExit(work: Promise<unknown>): void;
  /** All profiles that exist, by name. */
  profileNames(): Promise<string[]>;
  openProfile(name: string): Profile;
  /** The same, as if the profile had these settings: what follows a change of them. */
  underSettings(stored: Readonly<Record<string, string>>): CommandContext;
}

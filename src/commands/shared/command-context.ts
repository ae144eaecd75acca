import type { SignInPorts } from '../../auth/types.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Backend } from '../../profile/backends/backend.ts';
import type { Environment, Settings } from '../../profile/settings.ts';
import type { Profile } from '../../profile/types.ts';
import type { Passphrase } from '../../secrets/passphrase-source.ts';
import type { RememberedPassphrase } from '../../secrets/remembered.ts';
import type { Redactor } from '../../shared/redactor.ts';
import type { Terminal } from '../../ui/terminal/terminal.ts';
import type { CommandResult } from './command-result.ts';

export interface CommandContext {
  env: Environment;
  userAgent: string;
  settings: Settings;
  profile: Profile;
  /** The part of the profile on this machine: the same as `profile` unless its state is shared. */
  machine: Profile;
  /** The server of shared state; null if the state is on this machine. */
  backend: Backend | null;
  /** Returns the passphrase of shared state; null if the state is on this machine. */
  sharedPassphrase: ((purpose: 'open' | 'create') => Promise<Passphrase>) | null;
  terminal: Terminal;
  redactor: Redactor;
  signal: AbortSignal;
  assumeYes: boolean;
  now(): Date;
  /** @throws ChannelctlError `cancelled` when the program is interrupted */
  sleep(milliseconds: number): Promise<void>;
  randomBytes(bytes: number): Buffer;
  nodeVersion: string;
  /** Prints a debug line; undefined without `--debug`. */
  debug: ((line: string) => void) | undefined;
  /** Prints a warning on stderr, unless `--quiet` is set. */
  warn(message: string, hint: string): void;
  graph(): Promise<Graph>;
  signInPorts(): SignInPorts;
  /**
   * Registers a function that returns the result so far, or null if nothing was done. The result is
   * printed if the command is interrupted or fails.
   */
  onIncomplete(result: () => CommandResult | null): void;
  /** Registers work that may outlast the command; the program waits for it before exiting. */
  onExit(work: Promise<unknown>): void;
  /** Opens the passphrase of a profile that this machine's keychain stores. */
  rememberedPassphrase(profile: string): Promise<RememberedPassphrase>;
  profileNames(): Promise<string[]>;
  openProfile(name: string): Profile;
  underSettings(stored: Readonly<Record<string, string>>): CommandContext;
}

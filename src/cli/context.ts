import { join } from 'node:path';
import { version } from '../../package.json';
import { CHANNELS } from '../channels/index.ts';
import type { CommandDefinition, GlobalOptions } from '../commands/shared/command.ts';
import type { CommandContext } from '../commands/shared/command-context.ts';
import type { CommandResult } from '../commands/shared/command-result.ts';
import type { AuditOptions } from '../profile/audit/entries.ts';
import { configFolder, listProfiles, profilePaths } from '../profile/paths.ts';
import { openProfile } from '../profile/profile.ts';
import { type Environment, LOCAL, runsInCi, Settings, validSettings } from '../profile/settings.ts';
import { readState } from '../profile/state-file/read.ts';
import type { Profile, ProfileState } from '../profile/types.ts';
import type { ScryptCost } from '../secrets/key-derivation.ts';
import { checkPassphraseVariable } from '../secrets/passphrase.ts';
import { ChannelctlError, cancelledError, usageError } from '../shared/errors.ts';
import type { Format } from '../shared/formats.ts';
import type { Redactor } from '../shared/redactor.ts';
import type { Role } from '../shared/roles.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';
import type { Input, Output } from '../shared/streams.ts';
import { asksForJson, renderWarning } from '../ui/output/failure.ts';
import { styleFor } from '../ui/output/style.ts';
import { nodeTerminal } from '../ui/terminal/node-terminal.ts';
import { profileName } from './named-profile.ts';

const USER_AGENT = `channelctl/${version}`;

export interface Host {
  env: Environment;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  signal: AbortSignal;
  /** Contains the changes that are being committed, which an interrupted process completes. */
  commits: Set<Promise<unknown>>;
  openInBrowser(url: string): Promise<void>;
  nodeVersion: string;
  /** The scrypt cost of the secrets file; the store's default if omitted. */
  secretFileCost?: ScryptCost;
}

export interface Run {
  host: Host;
  redactor: Redactor;
  command: string;
}

export interface Session {
  context: CommandContext;
  format: Format;
  /**
   * Returns the effective role.
   *
   * @throws ChannelctlError `not_allowed` if CHANNELCTL_ROLE exceeds the profile's role
   */
  role(): Role;
  /** Returns the result so far of a command that has not completed; null if nothing was done. */
  partialResult(): CommandResult | null;
  finish(): Promise<void>;
}

export async function createContext(
  definition: CommandDefinition,
  globals: GlobalOptions,
  run: Run,
): Promise<Session> {
  const { env, stdin, stderr, signal, commits, openInBrowser, secretFileCost: cost } = run.host;
  if (definition.role !== 'none') checkPassphraseVariable('CHANNELCTL_PASSPHRASE', env);
  const redact = (text: string) => run.redactor.redact(text);
  const configDir = configFolder(env);
  // All instances of a profile share its stores, so that its secrets file is decrypted only once.
  const stores = new Map<string, Promise<SecretStore>>();
  const storeOf = (name: string, store: SecretStoreName) => {
    const id = `${store}:${name}`;
    const opened =
      stores.get(id) ??
      import('./secret-stores.ts').then(({ openSecretStore }) =>
        openSecretStore(store, name, { configDir, env, signal, terminal, warn, cost }),
      );
    stores.set(id, opened);
    return opened;
  };
  const onCommit = (work: Promise<unknown>) => {
    commits.add(work);
    work.catch(() => undefined).finally(() => commits.delete(work));
  };
  const audit: AuditOptions = {
    actor: async () => (await import('./audit-actor.ts')).auditActor(run.command, env),
    redact,
    warn: (message, hint) => warn(message, hint),
  };
  const serverKeys = (channel: string) =>
    CHANNELS.find((one) => one.name === channel)?.serverKeys ?? [];
  const open = (name: string, settings: () => Settings): Profile =>
    openProfile({
      configDir,
      name,
      activeStore: () => settings().secretStore,
      stores: (store) => storeOf(name, store),
      serverKeys,
      now: Date.now,
      onCommit,
      audit,
    });
  let partialResult: () => CommandResult | null = () => null;
  const machine = open(profileName(globals, env), () => settings);
  const own = await storedSettings(definition, machine, run.redactor);
  const output = outputFlag(globals);
  const flags = output === undefined ? {} : { output };
  let settings = new Settings(own, env, flags);
  const { format } = settings;
  const style = await styleFor({ terminal: stderr.isTTY === true, refused: !globals.color, env });

  const terminal = nodeTerminal({
    stdin,
    stderr,
    mayAsk: globals.input && !runsInCi(env),
    quiet: globals.quiet === true,
    style,
    signal,
    redact,
  });
  const warn: CommandContext['warn'] = (message, hint) => {
    if (globals.quiet === true) return;
    const text = renderWarning(message, hint, { format, style, redact }).trimEnd();
    if (asksForJson(format)) terminal.printRaw(text);
    else terminal.print(text);
  };
  const debug = globals.debug === true ? terminal.print : undefined;
  const pending: Promise<unknown>[] = [];
  const isShared = definition.role !== 'none' && settings.value('state') !== LOCAL;
  const shared = isShared
    ? await (await import('./shared-state.ts')).openSharedState({
        env,
        signal,
        cost,
        configDir,
        name: machine.name,
        redactor: run.redactor,
        terminal,
        settings,
        serverKeys,
        audit,
        warn,
        onCommit,
        mayReadCopy: definition.readsCopy === true,
      })
    : null;
  const sharedUnder = (effective: () => Settings) =>
    shared?.open(machine, () => effective().secretStore);
  const profile = sharedUnder(() => settings) ?? machine;
  if (shared !== null && definition.state !== 'machine') {
    settings = new Settings(await storedSettings(definition, profile, run.redactor), env, flags);
  }

  const contextWith = (effective: Settings, own: Profile): CommandContext => ({
    env,
    userAgent: USER_AGENT,
    settings: effective,
    profile: own,
    terminal,
    debug,
    warn,
    redactor: run.redactor,
    signal,
    assumeYes: globals.yes === true,
    now: () => new Date(),
    sleep: async (milliseconds) => {
      const { sleep } = await import('./graph-client.ts');
      await sleep(milliseconds, signal).catch(rejectCancelled);
    },
    // Unlike an import of node:crypto, the global `crypto` is loaded on first use.
    randomBytes: (bytes) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))),
    nodeVersion: run.host.nodeVersion,
    graph: once(async () => {
      const { openGraph } = await import('./graph-client.ts');
      return openGraph({
        env,
        settings: effective,
        userAgent: USER_AGENT,
        redactor: run.redactor,
        signal,
        warn,
        profile: own,
        debug,
      });
    }),
    signInPorts: () => ({
      signal,
      now: Date.now,
      print: terminal.print,
      openInBrowser,
      pastedLines: (until, manual) =>
        manual || terminal.interactive ? terminal.lines(until) : null,
      certificateFolder: join(configDir, 'tls'),
    }),
    rememberedPassphrase: async (name) => {
      const { openRemembered } = await import('./secret-stores.ts');
      return openRemembered(name, { configDir, terminal });
    },
    onExit: (work) => void pending.push(work),
    onIncomplete: (result) => {
      partialResult = result;
    },
    profileNames: () => listProfiles(configDir),
    machine,
    backend: shared?.backend ?? null,
    sharedPassphrase: shared?.passphrase ?? null,
    openProfile: (name) => (name === own.name ? own : open(name, () => effective)),
    underSettings: (next) => {
      const then = new Settings(next, env, flags);
      return contextWith(then, sharedUnder(() => then) ?? open(machine.name, () => then));
    },
  });
  const context = contextWith(settings, profile);
  return {
    context,
    format,
    role: () => settings.role,
    partialResult: () => partialResult(),
    finish: async () => {
      await Promise.allSettled(pending);
      await shared?.backend.close();
    },
  };
}

async function storedSettings(
  definition: CommandDefinition,
  profile: Profile,
  redactor: Redactor,
): Promise<Record<string, string>> {
  if (definition.role === 'none' && definition.toleratesCorruptState !== true) return {};
  try {
    const state = await profile.read();
    redactor.keepReadable(() => settingsIn(state));
    return definition.toleratesCorruptState ? validSettings(state.settings) : state.settings;
  } catch (error) {
    const isTolerated = definition.toleratesCorruptState === true;
    if (isTolerated && error instanceof ChannelctlError && error.kind === 'storage') return {};
    throw error;
  }
}

/** Returns the user's own settings, which may share parts with a secret. */
function* settingsIn({ settings, integrations, accounts }: ProfileState): Generator<string> {
  yield* Object.values(settings);
  for (const { id, config } of integrations) yield* [id, ...Object.values(config).map(String)];
  for (const { id, account_key, config } of accounts) {
    yield* [id, account_key, ...Object.values(config).map(String)];
  }
}

/**
 * Returns the output format that the profile stores, for reporting an error; `table` if the profile
 * cannot be read.
 */
export async function readStoredFormat(globals: GlobalOptions, env: Environment): Promise<Format> {
  try {
    const { state } = profilePaths(configFolder(env), profileName(globals, env));
    return new Settings((await readState(state)).settings, {}, {}).format;
  } catch {
    return 'table';
  }
}

function outputFlag({ output, json }: GlobalOptions): Format | undefined {
  if (json !== true) return output;
  if (output === undefined || output === 'json') return 'json';
  throw usageError(`--json and --output ${output} cannot be used together.`, {
    hint: 'Pass only one of them.',
  });
}

function rejectCancelled(): never {
  throw cancelledError();
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= make();
    return value;
  };
}

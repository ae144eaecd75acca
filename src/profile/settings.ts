import { ChannelctlError, usageError } from '../shared/errors.ts';
import { FORMATS, type Format } from '../shared/formats.ts';
import { allows, ROLES, type Role } from '../shared/roles.ts';
import { SECRET_STORES, type SecretStoreName } from '../shared/secrets.ts';
import { checkBaseUrl, checkUrl } from '../shared/url.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export function runsInCi({ CI }: Environment): boolean {
  return CI !== undefined && CI !== '' && CI !== '0' && CI.toLowerCase() !== 'false';
}
export type Source = 'flag' | 'env' | 'profile' | 'default';

export interface Setting {
  key: SettingKey;
  value: string | null;
  source: Source;
}

interface Definition {
  description: string;
  defaultValue: string | null;
  variable: string | null;
  /** @throws ChannelctlError `usage` for an invalid value; `name` is the source of the value */
  check(name: string, value: string): void;
}

function checkOneOf(values: readonly string[]) {
  return (name: string, value: string) => {
    if (values.includes(value)) return;
    throw usageError(`${name} cannot be "${value}".`, {
      reason: `It must be one of ${values.join(', ')}.`,
    });
  };
}

/** The value of the setting `state` for a profile that is stored on this machine. */
export const LOCAL = 'local';

/** The settings of a profile, in the order in which they are listed. */
const DEFINITIONS = {
  state: {
    description: 'where state and secrets are stored: local, or the address of a server',
    defaultValue: LOCAL,
    variable: 'CHANNELCTL_STATE',
    // The address is parsed when it is used.
    check: (name: string, value: string) => {
      if (value === LOCAL || /^(?:postgres(?:ql)?|s3):\/\//.test(value)) return;
      throw usageError(`${name} is not a valid address of the state.`, {
        reason: 'It must be local, postgres://host/database or s3://bucket/prefix.',
      });
    },
  },
  webhook_base_url: {
    description: 'base URL of your webhooks',
    defaultValue: null,
    variable: 'CHANNELCTL_WEBHOOK_BASE_URL',
    check: checkBaseUrl,
  },
  redirect_uri: {
    description: 'URI that sign-in pages redirect to; the default depends on the channel',
    defaultValue: 'http://localhost:8976/callback',
    variable: 'CHANNELCTL_REDIRECT_URI',
    check: checkUrl,
  },
  graph_version: {
    description: 'Graph API version',
    defaultValue: 'v26.0',
    variable: 'CHANNELCTL_GRAPH_VERSION',
    check: (name: string, value: string) => {
      if (/^v\d{1,3}\.\d{1,2}$/.test(value)) return;
      throw usageError(`${name} cannot be "${value}".`, {
        reason: 'It must be a version such as v26.0.',
      });
    },
  },
  role: {
    description: 'role of the profile: admin, supervisor or agent',
    defaultValue: 'admin',
    variable: 'CHANNELCTL_ROLE',
    check: checkOneOf(ROLES),
  },
  secrets: {
    description: 'where secrets are stored: keychain, file or env',
    defaultValue: 'keychain',
    variable: 'CHANNELCTL_SECRETS',
    check: checkOneOf(SECRET_STORES),
  },
  output: {
    description: 'output format: table, json, ndjson, yaml or tsv',
    defaultValue: 'table',
    variable: null,
    check: checkOneOf(FORMATS),
  },
  division_id: {
    description: 'default division for new integrations and accounts',
    defaultValue: null,
    variable: null,
    check: (name: string, value: string) => {
      if (value.trim() !== '') return;
      throw usageError(`${name} cannot be empty.`);
    },
  },
} satisfies Record<string, Definition>;

export type SettingKey = keyof typeof DEFINITIONS;
export const SETTING_KEYS = Object.keys(DEFINITIONS) as SettingKey[];

/** @throws ChannelctlError `usage` if there is no such setting */
export function settingKey(name: string): SettingKey {
  const key = SETTING_KEYS.find((candidate) => candidate === name);
  if (key !== undefined) return key;
  throw usageError(`Unknown setting "${name}".`, {
    misspelt: { word: name, known: SETTING_KEYS },
    reason: `The settings are ${SETTING_KEYS.join(', ')}.`,
    hint: 'Run: channelctl config list',
  });
}

/** Whether a setting of shared state is stored on each machine. */
export function isMachineSetting(key: string): boolean {
  return ['state', 'role', 'secrets', 'output'].includes(key);
}

export function settingDescription(key: SettingKey): string {
  return DEFINITIONS[key].description;
}

export function settingVariable(key: SettingKey): string | null {
  return DEFINITIONS[key].variable;
}

/** @throws ChannelctlError `usage` for an invalid value; the message begins with `name` */
export function checkSetting(key: SettingKey, value: string, name: string = key): void {
  DEFINITIONS[key].check(name, value);
}

export function settingError(key: string, value: string): ChannelctlError | null {
  try {
    checkSetting(settingKey(key), value, `The setting ${key}`);
    return null;
  } catch (error) {
    if (error instanceof ChannelctlError) return error;
    throw error;
  }
}

export function validSettings(stored: Readonly<Record<string, string>>): Record<string, string> {
  const valid = Object.entries(stored).filter(([key, value]) => settingError(key, value) === null);
  return Object.fromEntries(valid);
}

/** The effective settings. A flag overrides a variable, which overrides the profile. */
export class Settings {
  readonly #profile: Readonly<Record<string, string>>;
  readonly #env: Environment;
  readonly #flags: Partial<Record<SettingKey, string>>;

  constructor(
    profile: Readonly<Record<string, string>>,
    env: Environment,
    flags: Partial<Record<SettingKey, string>>,
  ) {
    this.#profile = profile;
    this.#env = env;
    this.#flags = flags;
  }

  /** @throws ChannelctlError `usage` for an invalid value */
  get(key: SettingKey): Setting {
    const definition: Definition = DEFINITIONS[key];
    const flag = this.#flags[key];
    if (flag !== undefined) return this.#checked(key, flag, 'flag', key);
    const { variable } = definition;
    const fromEnv = variable === null ? undefined : this.#env[variable];
    if (variable !== null && fromEnv) return this.#checked(key, fromEnv, 'env', variable);
    const stored = this.#profile[key];
    if (stored !== undefined) return this.#checked(key, stored, 'profile', `The setting ${key}`);
    const isShared = key === 'secrets' && this.value('state') !== LOCAL;
    return { key, value: isShared ? 'file' : definition.defaultValue, source: 'default' };
  }

  #checked(key: SettingKey, value: string, source: Source, name: string): Setting {
    checkSetting(key, value, name);
    return { key, value, source };
  }

  value(key: SettingKey): string | null {
    return this.get(key).value;
  }

  get format(): Format {
    return FORMATS.find((format) => format === this.value('output')) ?? 'table';
  }

  get secretStore(): SecretStoreName {
    return SECRET_STORES.find((store) => store === this.value('secrets')) ?? 'keychain';
  }

  get graphVersion(): string {
    return this.value('graph_version') ?? 'v26.0';
  }

  /**
   * The effective role. `CHANNELCTL_ROLE` may restrict the profile's role.
   *
   * @throws ChannelctlError `not_allowed` if the variable would extend the role
   */
  get role(): Role {
    const own = this.#roleOf(new Settings(this.#profile, {}, {}));
    const wanted = this.#roleOf(this);
    if (allows(own, wanted)) return wanted;
    throw new ChannelctlError('not_allowed', `CHANNELCTL_ROLE=${wanted} is not allowed.`, {
      reason: `The profile's role is ${own}, and the variable can only restrict it.`,
      hint: `Unset CHANNELCTL_ROLE, or set it to a role no higher than ${own}.`,
    });
  }

  #roleOf(settings: Settings): Role {
    return ROLES.find((role) => role === settings.value('role')) ?? 'agent';
  }
}

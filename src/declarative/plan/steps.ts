import type { RemoteMenu, RemoteState } from '../../channels/meta/remote.ts';
import type { ProfileState } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import type { SecretChange } from './secret-changes.ts';

export interface Change {
  field: string;
  before: Json | undefined;
  /** The new value; undefined if the field is removed. For a secret, only `set` or `changed`. */
  after: Json | undefined;
  secret?: true;
}

export const OWN_URL_FIELD = 'webhook_configuration.override_callback_uri';

export type RemoteAction =
  | { call: 'register' }
  | {
      call: 'subscribe';
      fields: readonly string[];
      /**
       * The URL that Meta calls instead of the app's, and the account whose verify token Meta sends
       * to it. Null removes the override; undefined leaves it unchanged.
       */
      override: { url: string; account: string } | null | undefined;
    }
  | {
      call: 'setOwnUrl';
      override: { url: string; account: string };
      /** Whether the app must be subscribed first. A step of another account may do so earlier. */
      subscribeFirst: boolean;
    }
  | { call: 'setMenu'; menu: RemoteMenu }
  | { call: 'deleteMenu' };

type StepTarget = 'setting' | 'integration' | 'account' | 'registration' | 'subscription' | 'menu';

export interface Step {
  action: 'create' | 'change' | 'remove';
  part: StepTarget;
  /** A setting's key, a channel, or an account as `channel/account_key`. */
  name: string;
  changes: readonly Change[];
  remoteAction?: RemoteAction;
}

export interface PlanNote {
  name: string;
  message: string;
  hint: string;
}

export interface CurrentState {
  state: ProfileState;
  secrets: ReadonlyMap<string, SecretChange>;
  remoteStates: ReadonlyMap<string, RemoteState>;
}

export interface PlanOptions {
  prune: boolean;
  divisionId: string | null;
  /** Returns the webhook URL of an account under the future settings. */
  webhookUrl(account: { channel: string; account_key: string }): string | null;
}

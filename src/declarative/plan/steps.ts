import type { RemoteMenu, RemoteState } from '../../channels/meta/remote.ts';
import type { ProfileState } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import type { SecretChange } from './secret-changes.ts';

/** One field that is to become different. */
export interface Change {
  /** `display_name`, `config.imap_port`, `subscribed_fields`. */
  field: string;
  /** Undefined where there is nothing. */
  before: Json | undefined;
  /** Undefined where it is taken away; for a secret only whether there was one before. */
  after: Json | undefined;
  secret?: true;
}

/** A call to Meta. */
export type RemoteAction =
  | { call: 'register' }
  | {
      call: 'subscribe';
      fields: readonly string[];
      /** The address that is called in place of the app's, and the account whose verify token it gets. */
      override: { address: string; account: string } | null;
    }
  | { call: 'setMenu'; menu: RemoteMenu }
  | { call: 'deleteMenu' };

type StepTarget = 'setting' | 'integration' | 'account' | 'registration' | 'subscription' | 'menu';

/** One thing that `apply` does. */
export interface Step {
  action: 'create' | 'change' | 'remove';
  part: StepTarget;
  /** A setting's key, a channel, or an account as `channel/account_key`. */
  name: string;
  changes: readonly Change[];
  /** Set if the step is a call to Meta. */
  remoteAction?: RemoteAction;
}

/** What is there now. */
export interface CurrentState {
  state: ProfileState;
  secrets: ReadonlyMap<string, SecretChange>;
  /** By account; an account that was not read is missing. */
  remoteStates: ReadonlyMap<string, RemoteState>;
}

export interface PlanOptions {
  /** Whether what the document's sections do not have is taken away. */
  prune: boolean;
  /** The setting division_id as it will be. */
  divisionId: string | null;
  /** Where the webhooks of an account arrive, by the settings as they will be. */
  webhookUrl(account: { channel: string; account_key: string }): string | null;
}

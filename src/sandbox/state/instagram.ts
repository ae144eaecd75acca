import type { InstagramSeed } from '../seed/schema.ts';
import type { App } from './apps.ts';

export type InstagramAccount = InstagramSeed['accounts'][number];

export class InstagramState {
  readonly app: App;
  readonly accounts: ReadonlyMap<string, InstagramAccount>;
  readonly codeAnswer: InstagramSeed['code_answer'];
  readonly hasBareUserId: boolean;
  readonly appTokenError: InstagramSeed['app_token_error'];
  /** By `user_id`, then by app ID: the webhook fields that the app is subscribed to. */
  readonly subscriptions: ReadonlyMap<string, Map<string, readonly string[]>>;

  constructor(seed: InstagramSeed, secret: string) {
    this.app = {
      id: seed.app_id,
      secret: seed.app_secret ?? secret,
      name: seed.app_name,
      mode: 'live',
      redirect_uris: seed.redirect_uris,
      require_proof: false,
      config_ids: [],
      system_user_configs: [],
      webhook_fields: 'replace',
    };
    this.accounts = new Map(seed.accounts.map((account) => [account.user_id, account]));
    this.subscriptions = new Map(
      seed.accounts.map(({ user_id, subscribed_apps }) => [
        user_id,
        new Map(subscribed_apps.map((app) => [app.id, app.subscribed_fields])),
      ]),
    );
    this.codeAnswer = seed.code_answer;
    this.hasBareUserId = seed.bare_user_id;
    this.appTokenError = seed.app_token_error;
  }
}

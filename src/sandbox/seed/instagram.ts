import { z } from 'zod';
import { LOOPBACK } from '../oauth/redirect-uris.ts';
import { id, secret, time } from './parts.ts';

const account = z.strictObject({
  /** The id of the professional account, as `/me` gives it. */
  user_id: id,
  /** The id that only this app knows it by; the code exchange calls it `user_id` too. */
  app_scoped_id: id,
  username: z.string().min(1),
  name: z.string().min(1),
  account_type: z.string().default('BUSINESS'),
  profile_picture_url: z.string().default('https://scontent.example/profile.jpg'),
  /** A long-lived token that is ready from the start. */
  access_token: secret,
  /** When that token was given out; at the start where it is absent. */
  token_issued_at: time.optional(),
  /** 60 days after that where it is absent. */
  token_expires_at: time.optional(),
});

export const DEFAULT_INSTAGRAM_APP_ID = '1045518839072264';

const DEFAULT_ACCOUNT: z.input<typeof account> = {
  user_id: '17841445902716038',
  app_scoped_id: '27134509918264417',
  username: 'aldersey.trading',
  name: 'Aldersey Trading',
};

export const instagramSeed = z.strictObject({
  app_id: id.default(DEFAULT_INSTAGRAM_APP_ID),
  app_secret: secret,
  app_name: z.string().min(1).default('Sandbox Desk-IG'),
  /** HTTPS addresses, compared exactly. `loopback` stands for every one of this machine. */
  redirect_uris: z.array(z.string()).default([LOOPBACK]),
  /** The form of the code exchange's answer, of which Meta documents two. */
  code_answer: z.enum(['plain', 'data']).default('plain'),
  /** Whether that answer has `user_id` as a bare JSON number, above 2^53 as it may be. */
  bare_user_id: z.boolean().default(true),
  accounts: z.array(account).min(1).prefault([DEFAULT_ACCOUNT]),
});

export type InstagramSeed = z.output<typeof instagramSeed>;

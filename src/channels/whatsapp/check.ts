import type { AccountCheck } from '../channel.ts';
import { checkHealth } from './health.ts';
import { webhookUrlsOf } from './webhook-urls.ts';

/** Checks a number as `whatsapp health` does, and tells in short what that found. */
export const checkNumber: AccountCheck = async (checking) => {
  const { account, accounts, secrets, app, graph, webhookUrl } = checking;
  const { phone_number_id, waba_id } = account.config;
  const token = secrets.get('access_token');
  const patient = {
    account,
    name: `whatsapp/${account.account_key}`,
    ids: { phoneNumberId: String(phone_number_id), wabaId: String(waba_id) },
    credentials: token === undefined ? null : { token, appSecret: app?.secret },
  };
  const options = {
    graph: await graph(),
    appId: app?.id ?? null,
    webhookUrls: () => webhookUrlsOf(account, accounts, webhookUrl),
  };
  const [health] = await checkHealth([patient], options);
  return {
    problems: health?.problems ?? [],
    details: {
      status: health?.phone_number?.status ?? null,
      quality_rating: health?.phone_number?.quality_rating ?? null,
      account_review_status: health?.waba?.account_review_status ?? null,
      subscribed_ok: health?.subscribed_ok ?? null,
    },
  };
};

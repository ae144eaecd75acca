import type { AccountCheck } from '../channel.ts';
import { HealthChecker } from './health.ts';

/** Checks numbers as `whatsapp health` does, and shows a summary of each. */
export function numberCheck(): AccountCheck {
  const checker = new HealthChecker();
  return async (checking) => {
    const { account, secrets, appSecret } = checking;
    const { phone_number_id, waba_id } = account.config;
    const token = secrets.get('access_token');
    const { health, delivery } = await checker.check(
      {
        account,
        name: `whatsapp/${account.account_key}`,
        ids: { phoneNumberId: String(phone_number_id), wabaId: String(waba_id) },
        credentials: token === undefined ? null : { token, appSecret },
      },
      { ...checking, graph: await checking.graph() },
    );
    return {
      problems: health.problems,
      delivery,
      details: {
        status: health.phone_number?.status ?? null,
        quality_rating: health.phone_number?.quality_rating ?? null,
        account_review_status: health.waba?.account_review_status ?? null,
        subscribed_ok: health.subscribed_ok,
      },
    };
  };
}

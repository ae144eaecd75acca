import type { AccountCheck } from '../channel.ts';
import { HealthChecker } from './health.ts';

/** Checks numbers like `whatsapp health`, but returns fewer details. */
export function numberCheck(): AccountCheck {
  const checker = new HealthChecker();
  return async (checking) => {
    const { account, credentials } = checking;
    const { phone_number_id, waba_id } = account.config;
    const { health, delivery, tokenExpiry } = await checker.check(
      {
        account,
        name: `whatsapp/${account.account_key}`,
        ids: { phoneNumberId: String(phone_number_id), wabaId: String(waba_id) },
        credentials,
      },
      { ...checking, graph: await checking.graph() },
    );
    return {
      problems: health.problems,
      delivery,
      tokenExpiry,
      details: {
        status: health.phone_number?.status ?? null,
        quality_rating: health.phone_number?.quality_rating ?? null,
        account_review_status: health.waba?.account_review_status ?? null,
        subscribed_ok: health.subscribed_ok,
        token_expires_at: tokenExpiry?.expiresAt ?? null,
      },
    };
  };
}

import { mapLimited } from '../../shared/concurrency.ts';
import type { AccountCheck, AccountCheckContext, CheckedAccount } from '../channel.ts';
import { HealthChecker, type HealthOptions } from './health.ts';
import type { WhatsAppAccount } from './number.ts';
import type { NumberCheck } from './number-health.ts';

const CONCURRENCY = 30;

export function checkNumbers(
  accounts: readonly WhatsAppAccount[],
  options: HealthOptions,
  onDone: (account: WhatsAppAccount, checked: NumberCheck) => void,
): Promise<NumberCheck[]> {
  const checker = new HealthChecker(accounts, options.graph);
  return mapLimited(accounts, CONCURRENCY, async (account) => {
    const checked = await checker.check(account, options);
    onDone(account, checked);
    return checked;
  });
}

export function numberCheck(): AccountCheck {
  let checker: Promise<HealthChecker> | undefined;
  return async (checking) => {
    checker ??= createChecker(checking);
    const { health, delivery, tokenExpiry } = await (await checker).check(numberOf(checking), {
      ...checking,
      graph: await checking.graph(),
    });
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

async function createChecker({ checked, graph }: AccountCheckContext): Promise<HealthChecker> {
  return new HealthChecker((await checked()).map(numberOf), await graph());
}

function numberOf({ account, credentials }: CheckedAccount): WhatsAppAccount {
  const { phone_number_id, waba_id } = account.config;
  return {
    account,
    name: `whatsapp/${account.account_key}`,
    ids: { phoneNumberId: String(phone_number_id), wabaId: String(waba_id) },
    credentials,
    tokenError: null,
  };
}

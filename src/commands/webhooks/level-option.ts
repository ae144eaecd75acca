/** The levels that can have a webhook URL, the nearest to the account first. */
export const WEBHOOK_LEVELS = ['number', 'waba', 'app'] as const;

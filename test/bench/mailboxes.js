import { stringify } from 'yaml';

export const PASSWORD = { MAIL_PASSWORD: 'the mail password of all' };

/**
 * Creates a document of mailboxes that share one password.
 *
 * @param {number} count
 * @returns {string} YAML
 */
export function mailboxDocument(count) {
  const accounts = Array.from({ length: count }, (_, index) => ({
    channel: 'email',
    account_key: `mailbox-${index}`,
    display_name: `Mailbox ${index}`,
    is_default: index === 0,
    config: {
      address: `mailbox-${index}@example.com`,
      imap_host: 'imap.example.com',
      imap_port: 993,
      password: { env: 'MAIL_PASSWORD' },
    },
  }));
  return stringify({ version: 1, accounts });
}

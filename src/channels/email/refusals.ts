import type { RefusalKind } from './server-texts.ts';
import type { MailService } from './settings.ts';

export interface Refusal {
  service: MailService;
  endpoint: string;
}

interface Explanation {
  message(refusal: Refusal): string;
  hint(refusal: Refusal): string;
}

export const REFUSALS: Readonly<Record<RefusalKind, Explanation>> = {
  app_password: {
    message: ({ endpoint }) => `${endpoint} requires an app password`,
    hint: ({ service }) =>
      `Create an app password in the security settings of the account, then store it: ${storePassword(service)}`,
  },
  browser: {
    message: ({ endpoint }) => `${endpoint} requires you to sign in with a browser first`,
    hint: () =>
      'Sign in to the mailbox with a browser and complete any security prompts, then check again. If that does not help, use an app password.',
  },
  disabled: {
    message: ({ endpoint, service }) =>
      `${protocolOf(service)} is disabled for this mailbox at ${endpoint}`,
    hint: ({ service }) =>
      `Enable ${protocolOf(service)} in the settings of the mailbox, or ask its administrator to.`,
  },
  locked: {
    message: ({ endpoint }) => `${endpoint} reports that the account is locked or disabled`,
    hint: () =>
      'Unlock the account at your provider, or ask its administrator to. The stored password may be correct.',
  },
  mechanism: {
    message: ({ endpoint }) => `${endpoint} does not allow signing in with a password`,
    hint: () =>
      'The server requires another method, usually OAuth, but channelctl can sign in only with a password. A different password will not help: ask your provider or administrator whether you can use an app password.',
  },
  no_sign_in: {
    message: ({ endpoint }) =>
      `${endpoint} does not offer a sign-in, so the password was not checked`,
    hint: ({ service }) =>
      service.protocol === 'imap'
        ? 'Set imap_host and imap_port to a server that requires a sign-in (usually port 993 or 143).'
        : 'Set smtp_host and smtp_port to a mail submission server that requires a sign-in (usually port 465 or 587). A relay or MX server (port 25) often does not offer one.',
  },
  password: {
    message: ({ endpoint }) => `${endpoint} rejected the username or password`,
    hint: ({ service }) =>
      `Store the correct ones: channelctl accounts update ${service.account} --config username=… --config password=@file. Some providers require an app password for ${protocolOf(service)}.`,
  },
  policy: {
    message: ({ endpoint }) => `A policy does not allow this sign-in to ${endpoint}`,
    hint: ({ service }) =>
      `Ask the administrator of the mailbox to allow ${protocolOf(service)} sign-in with a password. A different password will not help.`,
  },
  refused: {
    message: ({ endpoint }) => `${endpoint} refused the sign-in`,
    hint: ({ service }) =>
      `Check the username and password. If they are correct, ask your provider or administrator whether ${protocolOf(service)} sign-in with a password is allowed for this mailbox.`,
  },
  temporary: {
    message: ({ endpoint }) => `${endpoint} temporarily refused the sign-in`,
    hint: () => 'Wait, then check again. This does not mean that the password is wrong.',
  },
  tls: {
    message: ({ endpoint }) => `${endpoint} requires TLS for the sign-in`,
    hint: tlsPorts,
  },
};

export function tlsPorts({ service }: Pick<Refusal, 'service'>): string {
  return service.protocol === 'imap'
    ? 'Set imap_port to 993 for implicit TLS, or to 143 for STARTTLS.'
    : 'Set smtp_port to 465 for implicit TLS, or to 587 for STARTTLS.';
}

function protocolOf({ protocol }: MailService): string {
  return protocol.toUpperCase();
}

function storePassword({ account }: MailService): string {
  return `channelctl accounts update ${account} --config password=@file`;
}

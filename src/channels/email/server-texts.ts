import type { MailService } from './settings.ts';

export type RefusalKind =
  | 'app_password'
  | 'browser'
  | 'disabled'
  | 'locked'
  | 'mechanism'
  | 'no_sign_in'
  | 'password'
  | 'policy'
  | 'refused'
  | 'temporary'
  | 'tls';

export interface ServerText {
  text: RegExp;
  kind: RefusalKind;
  /** The servers that the entry applies to; all if omitted. */
  hosts?: RegExp;
  hint?: string;
}

const MICROSOFT = /(?:^|\.)(?:office(?:365)?\.(?:com|us)|(?:outlook|hotmail|live)\.(?:com|cn))$/i;
const YAHOO = /(?:^|\.)(?:yahoo(?:\.\w+){1,2}|yahoodns\.net|aol\.com)$/i;
const ICLOUD = /(?:^|\.)(?:mail\.me\.com|icloud\.com)$/i;
const ZOHO = /(?:^|\.)zoho(?:cloud)?(?:\.\w+){1,2}$/i;

const MICROSOFT_OAUTH_ONLY =
  'Exchange Online and Outlook.com accept only OAuth over IMAP, but channelctl can sign in only with a password. If you use another server, check the username and password.';
const ASK_FOR_SMTP_AUTH =
  'Ask the administrator to enable SMTP AUTH for the mailbox in Exchange Online. A different password will not help.';
const USUALLY_APP_PASSWORD =
  'This provider usually requires an app password: create one in the security settings of the account and store it.';
const PASSWORD_EXPIRED = 'The password has expired: set a new one at your provider, then store it.';

const WRONG_CREDENTIALS =
  /\b(?:invalid|incorrect|wrong|bad) (?:user ?name|user|login|password|credentials|authentication)\b|credentials were incorrect/i;

/**
 * The meanings of replies; the first match applies. Texts are more specific than codes: Microsoft
 * sends 535 5.7.139 for a wrong password and for a policy, Google 534 for a missing app password
 * and for a blocked sign-in.
 *
 * Sources: Microsoft, "SMTP AUTH client submission" and "Deprecation of Basic authentication in
 * Exchange Online"; Google, "Gmail SMTP errors and codes" and "IMAP, POP and SMTP errors"; the help
 * of Yahoo, Apple and Zoho; RFC 4954 (6) and RFC 5248 for SMTP, RFC 5530 and RFC 9051 (7.1) for
 * IMAP.
 */
const SERVER_TEXTS: readonly ServerText[] = [
  { text: /^\w+ \[(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG)\]/i, kind: 'temporary' },

  // Microsoft
  { text: /SmtpClientAuthentication is disabled/i, kind: 'policy', hint: ASK_FOR_SMTP_AUTH },
  {
    text: /basic authentication is disabled|security defaults policy|by your organization/i,
    kind: 'policy',
  },
  { text: /did not meet the criteria to be authenticated/i, kind: 'policy' },
  { text: /^550 5\.7\.30\b|basic authentication is not supported/i, kind: 'mechanism' },
  { text: /^504\b|^5\d\d 5\.7\.4\b/, kind: 'mechanism' },
  { text: /^(?:NO|BAD) (?:LOGIN|AUTHENTICATE) failed\.?$/, hosts: MICROSOFT, kind: 'mechanism' },
  {
    text: /^(?:NO|BAD) (?:LOGIN|AUTHENTICATE) failed\.?$/,
    kind: 'refused',
    hint: MICROSOFT_OAUTH_ONLY,
  },
  { text: /authenticated but not connected/i, kind: 'refused' },

  // Google
  { text: /^534 5\.7\.14\b|log in via your web browser|web login required/i, kind: 'browser' },
  { text: /mechanism is too weak/i, kind: 'mechanism' },
  { text: /^534 5\.7\.9\b/, kind: 'app_password' },

  // Yahoo and AOL
  { text: /\(#AUTH005\)/, kind: 'temporary' },

  // Any provider
  { text: /\bapp(?:lication)?[- ](?:specific[- ])?password/i, kind: 'app_password' },
  {
    text: /\btoo many (?:\w+ ){0,4}(?:attempts|logins|tries|connections|errors)\b/i,
    kind: 'temporary',
  },
  {
    text: /^(?:NO|BAD|BYE)\b.*(?:try again later|temporar|rate limit|throttled|overload|bandwidth limits|maximum number of connections|shutting down|server error)/i,
    kind: 'temporary',
  },
  {
    text: /\b(?:IMAP|SMTP)(?: access| service)? (?:is |has been )?(?:not enabled|disabled|turned off|not allowed)|(?:not enabled for|to enable) (?:IMAP|SMTP)\b|does not have access rights to this service/i,
    kind: 'disabled',
  },
  {
    text: /\b(?:account|user|mailbox)(?: account)?(?: is| has been| was)?(?: \w+ly)? (?:locked|disabled|suspended|blocked|deactivated)\b|^5\d\d 5\.7\.13\b/i,
    kind: 'locked',
  },
  { text: /^50[023]\b.*\bauth/i, kind: 'no_sign_in' },
  { text: /\[PRIVACYREQUIRED\]|^530\b.*\bSTARTTLS|^538\b|^5\d\d 5\.7\.1[01]\b/i, kind: 'tls' },
  { text: /\[EXPIRED\]|password (?:has |is )?expired/i, kind: 'password', hint: PASSWORD_EXPIRED },

  // Wrong credentials
  { text: /^535 5\.7\.139 .*credentials were incorrect/i, kind: 'password' },
  { text: /^535 5\.7\.(?:139|3)\b/, kind: 'refused' },
  { text: /^535 Authentication Failed\b/, kind: 'password', hint: USUALLY_APP_PASSWORD },
  ...[YAHOO, ICLOUD, ZOHO].map((hosts) => ({
    text: /^535\b|\[AUTH\w+FAILED\]/,
    hosts,
    kind: 'password' as const,
    hint: USUALLY_APP_PASSWORD,
  })),
  { text: /\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED)\]/i, kind: 'password' },
  { text: WRONG_CREDENTIALS, kind: 'password' },

  // Recognized only by code
  { text: /\[CONTACTADMIN\]/i, kind: 'policy' },
  { text: /\[ALERT\]/i, kind: 'refused' },
  { text: /^NO\b.*(?:password|credential|authenticat|log ?in|user ?name)/i, kind: 'password' },
  { text: /^4\d\d\b/, kind: 'temporary' },
  { text: /^535\b/, kind: 'password' },
  { text: /^(?:5\d\d|NO|BAD)\b/, kind: 'refused' },
];

/**
 * Returns the meaning of a server's reply; undefined if it is not a known form of refusal.
 *
 * @param reply on one line, without the IMAP tag
 * @param alerts the texts of `[ALERT]` responses, which may be the only explanation
 */
export function explainReply(
  reply: string,
  alerts: readonly string[],
  { host }: Pick<MailService, 'host'>,
): ServerText | undefined {
  if (!/^(?:[45]\d\d|NO|BAD|BYE)\b/.test(reply)) return undefined;
  const text = [reply, ...alerts.map((alert) => `[ALERT] ${alert}`)].join('\n');
  return SERVER_TEXTS.find((one) => one.text.test(text) && (one.hosts?.test(host) ?? true));
}

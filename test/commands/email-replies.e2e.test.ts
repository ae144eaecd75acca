import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Home, onBuilt, sharedHome } from '../support/cli.ts';
import { MAILBOX, makeCertificates } from '../support/mail-server.ts';
import { mailbox, onLocalhost } from '../support/mailbox.ts';
import { imapSession, type Script, smtpSession, startScript } from '../support/scripted-mail.ts';

type Protocol = 'imap' | 'smtp';

/** Server replies to a sign-in, by provider and by the kind of problem that they indicate. */
type Replies = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const REPLIES: Readonly<Record<Protocol, Replies>> = {
  smtp: {
    Microsoft: {
      password: [
        '535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [AM0PR01.eurprd.prod.outlook.com]',
      ],
      locked: ['535 5.7.139 Authentication unsuccessful, account locked.'],
      policy: [
        '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.',
        '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.',
        '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
        "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.",
        '535 5.7.139 Authentication unsuccessful, user is locked by your organization.',
        '535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator.',
      ],
      refused: [
        '535 5.7.139 Authentication unsuccessful, for a new reason.',
        '535 5.7.3 Authentication unsuccessful',
      ],
      mechanism: [
        '504 5.7.4 Unrecognized authentication type',
        '550 5.7.30 Basic authentication is not supported for Client Submission.',
      ],
      temporary: ['454 4.7.0 Temporary authentication failure.'],
    },
    Google: {
      app_password: [
        '534-5.7.9 Application-specific password required. For more information, go to\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp',
      ],
      browser: [
        '534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please log in via your\n534-5.7.14 web browser and then try again.\n534 5.7.14  https://support.google.com/mail/answer/78754 - gsmtp',
      ],
      password: [
        '535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials - gsmtp',
      ],
      temporary: [
        '454 4.7.0 Too many login attempts, please try again later. - gsmtp',
        '421 4.7.0 Temporary System Problem. Try again later.',
      ],
    },
    'Yahoo and AOL': {
      temporary: [
        '535 5.7.0 (#AUTH005) Too many bad auth attempts.',
        '535 5.7.0 Too many bad auth attempts.',
      ],
    },
    iCloud: { password: ['535 5.7.8 Error: authentication failed: authentication failure'] },
    Zoho: { password: ['535 Authentication Failed'] },
    'other providers': {
      app_password: ['535 5.7.0 You need to create an app password to use this'],
      locked: ['525 5.7.13 Not today'],
      mechanism: ['534 5.7.9 Authentication mechanism is too weak'],
      no_sign_in: ['503 5.5.1 Error: authentication not enabled'],
      password: [
        '535 5.7.8 Error: authentication failed: (reason unavailable)',
        '535 Incorrect authentication data',
      ],
      refused: ['550 5.7.1 Not from your address'],
      tls: ['538 5.7.11 Use it with TLS'],
    },
  },
  imap: {
    Microsoft: {
      refused: ['NO LOGIN failed.', 'NO AUTHENTICATE failed.'],
      temporary: ['BAD Request is throttled. Suggested Backoff Time: 20 milliseconds'],
    },
    Google: {
      app_password: [
        'NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)',
      ],
      browser: [
        'NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)',
        'NO [WEBALERT https://accounts.google.com/signin/continue?sarp=1] Web login required.',
      ],
      disabled: [
        'NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)',
        'NO [ALERT] IMAP access is disabled for your domain. Please contact your domain administrator for questions about this feature. (Failure)',
      ],
      password: [
        'NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)',
        'NO [ALERT] Invalid credentials (Failure)',
      ],
      temporary: [
        'NO [ALERT] Too many simultaneous connections. (Failure)',
        'NO [ALERT] Account exceeded command or bandwidth limits. (Failure)',
      ],
    },
    'Yahoo and AOL': {
      password: ['NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials'],
      temporary: [
        'NO [LIMIT] LOGIN Rate limit hit.',
        'NO [SERVERBUG] LOGIN Server error - Please try again later',
      ],
    },
    iCloud: { password: ['NO [AUTHENTICATIONFAILED] Authentication Failed'] },
    Zoho: {
      disabled: [
        'NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator (Failure)',
      ],
    },
    Yandex: {
      disabled: [
        'NO [AUTHENTICATIONFAILED] AUTHENTICATE This user does not have access rights to this service',
      ],
    },
    'other providers': {
      locked: ['NO Account suspended'],
      password: [
        'NO Invalid user name or password.',
        'NO [EXPIRED] Change it.',
        'NO [AUTHORIZATIONFAILED] Not for you.',
      ],
      policy: ['NO [CONTACTADMIN] Ask for help.'],
      refused: [
        'NO Not from your address',
        'NO [ALERT] Something is different today.',
        'BAD Syntax error',
      ],
      temporary: [
        'NO [UNAVAILABLE] Temporary authentication failure.',
        'NO [INUSE] The mailbox is locked by another session.',
        '* BYE [UNAVAILABLE] Restarting',
        '* BYE [ALERT] Too many connections for this user',
      ],
      tls: ['NO [PRIVACYREQUIRED] Not in plaintext.'],
    },
  },
};

const ROWS = (['smtp', 'imap'] as const).flatMap((protocol) =>
  Object.entries(REPLIES[protocol]).flatMap(([provider, kinds]) =>
    Object.entries(kinds).flatMap(([kind, replies]) =>
      replies.map((reply) => ({ protocol, provider, kind, reply })),
    ),
  ),
);

function textOf(reply: string): string {
  return reply.replace(/^(?:\d{3}[ -](?:[\d.]+ )?|\* BYE |NO |BAD )/, '').split('\n')[0] ?? '';
}

async function trustedServer() {
  const { authority, certificate, key } = await makeCertificates();
  const trust = async (desk: Home) => {
    desk.env.NODE_EXTRA_CA_CERTS = join(desk.configDir, 'authority.pem');
    await writeFile(desk.env.NODE_EXTRA_CA_CERTS, authority);
  };
  return { tls: { key, cert: certificate }, trust };
}

describe('the reply to a sign-in', () => {
  interface Service {
    ok: boolean;
    problem: { kind: string; message: string; hint: string } | null;
  }
  const services: Record<Protocol, Service>[] = [];
  const started: { stop(): void }[] = [];
  const desk = onBuilt(sharedHome({ PASSWORD: MAILBOX.password }));

  beforeAll(async () => {
    const { tls, trust } = await trustedServer();
    // Each username is the index of a row. The server of the row's protocol sends its reply; the
    // other one accepts the sign-in.
    const replyTo = (own: Protocol, accepted: string) => (user: string) => {
      const row = ROWS[Number(user)];
      return row?.protocol === own ? row.reply : accepted;
    };
    const imapScript = () => imapSession(replyTo('imap', 'OK done'));
    const smtpScript = () => smtpSession(replyTo('smtp', '235 2.7.0 accepted'));
    const imap = await startScript({ tls, greeting: '* OK ready', session: imapScript });
    const smtp = await startScript({ tls, greeting: '220 ready', session: smtpScript });
    started.push(imap, smtp);

    await trust(desk);
    const servers = onLocalhost({ imap: imap.port, smtp: smtp.port });
    const accounts = ROWS.map((_row, index) => ({
      channel: 'email',
      account_key: `row-${index}`,
      config: {
        address: 'support@example.com',
        username: String(index),
        password: { env: 'PASSWORD' },
        ...servers,
      },
    }));
    const file = join(desk.configDir, 'mailboxes.json');
    await writeFile(file, JSON.stringify({ version: 1, accounts }));
    await desk.json('apply', '-f', file, '--yes');
    const { stdout } = await desk.cli('accounts', 'check', '--all', '--json');
    for (const { account_key, details } of JSON.parse(stdout)) {
      services[Number(account_key.slice('row-'.length))] = details;
    }
  });
  afterAll(() => {
    for (const server of started) server.stop();
  });

  const cases = ROWS.map(
    ({ reply, provider, protocol, kind }, index) =>
      [textOf(reply), provider, protocol, kind, index] as const,
  );
  test.each(cases)('"%s" (%s, %s) means %s, and is shown', (text, _, protocol, kind, index) => {
    const service = services[index]?.[protocol];
    expect(service).toMatchObject({ ok: false, problem: { kind } });
    expect(service?.problem?.message).toContain(text);
    expect(service?.problem?.hint).toMatch(/\.$|@file$/);
    const other = services[index]?.[protocol === 'imap' ? 'smtp' : 'imap'];
    expect(other).toMatchObject({ ok: true, problem: null });
  });
});

async function checkScripts(scripts: (tls: Script['tls']) => Record<Protocol, Script>) {
  const { tls, trust } = await trustedServer();
  const { imap, smtp } = scripts(tls);
  const servers = { imap: await startScript(imap), smtp: await startScript(smtp) };
  onTestFinished(() => {
    for (const { stop } of Object.values(servers)) stop();
  });
  const ports = { imap: servers.imap.port, smtp: servers.smtp.port };
  const desk = await mailbox(onLocalhost(ports), {}, onBuilt);
  await trust(desk);
  return desk.check();
}

test('an SMTP server that offers no sign-in is a problem, and gets no password', async () => {
  const users: string[] = [];
  const heard = (user: string) => {
    users.push(user);
    return '235 2.7.0 accepted';
  };
  const { code, health } = await checkScripts((tls) => ({
    imap: { tls, greeting: '* PREAUTH ready', session: () => imapSession(() => 'OK done') },
    smtp: { tls, greeting: '220 ready', session: () => smtpSession(heard, ['8BITMIME']) },
  }));
  expect({ code, healthy: health.healthy, users }).toEqual({ code: 6, healthy: false, users: [] });
  expect(health.imap).toMatchObject({ ok: false, problem: { kind: 'no_sign_in' } });
  expect(health.smtp).toMatchObject({ ok: false, problem: { kind: 'no_sign_in' } });
  expect(health.smtp.problem.message).toContain('does not offer a sign-in');
});

test('a server that offers only OAuth or NTLM gets no password', async () => {
  const users: string[] = [];
  const heard = (reply: string) => (user: string) => {
    users.push(user);
    return reply;
  };
  const capabilities = 'IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2 AUTH=OAUTHBEARER';
  const { code, health } = await checkScripts((tls) => ({
    imap: { tls, greeting: '* OK ready', session: () => imapSession(heard('OK'), capabilities) },
    smtp: { tls, greeting: '220 ready', session: () => smtpSession(heard('235'), ['AUTH NTLM']) },
  }));
  expect({ code, users }).toEqual({ code: 6, users: [] });
  expect(health.imap.problem.kind).toBe('mechanism');
  expect(health.imap.problem.message).toContain('XOAUTH2, OAUTHBEARER');
  expect(health.smtp.problem.kind).toBe('mechanism');
  expect(health.smtp.problem.message).toContain('NTLM');
});

test('an alert is shown even if the sign-in succeeds', async () => {
  const { code, health } = await checkScripts((tls) => ({
    imap: {
      tls,
      greeting: '* OK [ALERT] Maintenance at 10:00',
      session: () => imapSession(() => 'OK done'),
    },
    smtp: { tls, greeting: '220 ready', session: () => smtpSession(() => '235 2.7.0 accepted') },
  }));
  expect({ code, healthy: health.healthy }).toEqual({ code: 0, healthy: true });
  expect(health.imap).toMatchObject({ ok: true, problem: { kind: 'alert' } });
  expect(health.imap.problem.message).toContain('Maintenance at 10:00');
});

test('an alert before a refusal explains the refusal', async () => {
  const { health } = await checkScripts((tls) => ({
    imap: {
      tls,
      greeting: '* OK [ALERT] Please log in via your web browser',
      session: () => imapSession(() => 'NO Not now'),
    },
    smtp: { tls, greeting: '220 ready', session: () => smtpSession(() => '235 2.7.0 accepted') },
  }));
  expect(health.imap.problem.kind).toBe('browser');
  expect(health.imap.problem.message).toContain('Not now');
  expect(health.imap.problem.message).toContain('Please log in via your web browser');
});

import { describe, expect, test } from 'vitest';
import {
  type Binding,
  bindingIn,
  bindingStatus,
  isSameBinding,
  newItem,
  wantedBinding,
} from '../../src/profile/secret-binding.ts';
import { emptyState } from '../../src/profile/state-file/read.ts';

const MAILBOX: Binding = {
  owner: 'email/desk',
  field: 'password',
  hosts: ['imap.example.com', 'smtp.example.com'],
};

const hostsOf = (hosts: string[]) => ({ ...MAILBOX, hosts });

test.each<Binding>([
  MAILBOX,
  { owner: 'messenger', field: 'app_secret', hosts: [] },
  hostsOf(['2001:db8::1', '[::1]']),
  hostsOf(['imap.example.com,evil.example', 'a:0123456789abcdef', 'x%2Fy', '100%']),
  { ...MAILBOX, owner: 'email/a/b,c:d%2F' },
  { ...MAILBOX, field: 'smtp/password:' },
])('the name of an item contains its binding, whatever the settings contain: %j', (binding) => {
  expect(bindingIn(newItem('default', binding))).toEqual(binding);
});

test.each([
  'default/email/desk/password/0123abcd',
  'default/email/desk/password/%E0%A4:0123456789abcdef',
  'default/email/%/password/0123456789abcdef',
  'default/email/desk/more/password/0123456789abcdef',
  'default/email/0123456789abcdef',
  '',
])('a name that channelctl does not give has no binding: %j', (item) => {
  expect(bindingIn(item)).toBeNull();
});

describe('a bound secret', () => {
  const config = { imap_host: 'imap.example.com', smtp_host: 'smtp.example.com' };
  const statusFor = (use: Partial<Parameters<typeof wantedBinding>[0]>) => {
    const ref = { store: 'file', item: newItem('default', MAILBOX), last4: null } as const;
    const secret = {
      channel: 'email',
      account_key: 'desk',
      config,
      field: 'password',
      ref,
      ...use,
    };
    const wanted = wantedBinding(secret, () => ['imap_host', 'smtp_host']);
    return bindingStatus(secret, wanted, emptyState());
  };

  test.each([
    ['the same servers', {}],
    ['only one of its servers', { config: { imap_host: 'imap.example.com' } }],
    ['no server', { config: { imap_host: '' } }],
    ['another port', { config: { ...config, imap_port: 994 } }],
  ])('may be used with %s', (_, use) => {
    expect(statusFor(use)).toBe('bound');
  });

  test.each([
    ['one other server', { config: { ...config, smtp_host: 'evil.example' } }],
    ['a server whose name is a number', { config: { ...config, smtp_host: 2130706433 } }],
    ['another account', { account_key: 'sales' }],
    ['another channel', { channel: 'whatsapp' }],
    ['another field', { field: 'api_token' }],
  ])('must not be used with %s', (_, use) => {
    expect(statusFor(use)).toBe('mismatch');
  });
});

test('bindings are the same only if both allow the same servers', () => {
  const one = hostsOf(['imap.example.com']);
  expect(isSameBinding(MAILBOX, hostsOf([...MAILBOX.hosts].reverse()))).toBe(true);
  expect(isSameBinding(MAILBOX, one)).toBe(false);
  expect(isSameBinding(one, MAILBOX)).toBe(false);
  expect(isSameBinding(null, MAILBOX)).toBe(false);
});

import type { Json } from '../../shared/json.ts';
import { asciiHost } from '../../shared/url.ts';
import type { Channel } from '../channel.ts';

function portProblem(value: string): string | undefined {
  const port = Number(value);
  return /^\d+$/.test(value) && port >= 1 && port <= 65_535
    ? undefined
    : 'is not a port number from 1 to 65535';
}

function hostProblem(value: string): string | undefined {
  return /^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:]+\])$/.test(asciiHost(value) ?? '')
    ? undefined
    : 'is not a valid host name';
}

function hasServer({ imap_host, smtp_host }: Readonly<Record<string, Json>>): boolean {
  return imap_host !== undefined || smtp_host !== undefined;
}

export const email: Channel = {
  name: 'email',
  label: 'Email',
  integrationKeys: [],
  accountKeys: [
    {
      name: 'address',
      label: 'Email address',
      required: true,
      problem: (value) =>
        /^[^\s@]+@[^\s@]+$/.test(value) ? undefined : 'is not a valid email address',
    },
    { name: 'imap_host', label: 'IMAP host', problem: hostProblem, proposal: () => '' },
    {
      name: 'imap_port',
      label: 'IMAP port',
      problem: portProblem,
      proposal: ({ imap_host }) => (imap_host === undefined ? undefined : '993'),
    },
    { name: 'smtp_host', label: 'SMTP host', problem: hostProblem, proposal: () => '' },
    {
      name: 'smtp_port',
      label: 'SMTP port',
      problem: portProblem,
      proposal: ({ smtp_host }) => (smtp_host === undefined ? undefined : '465'),
    },
    {
      name: 'username',
      label: 'Username',
      proposal: (config) => (hasServer(config) ? String(config.address ?? '') : undefined),
    },
    {
      name: 'password',
      label: 'Password',
      proposal: (config) => (hasServer(config) ? '' : undefined),
      whenEmpty: 'to store it later',
    },
  ],
  proposedAccountKey: ({ address }) => /^[A-Za-z0-9._+-]+/.exec(String(address ?? ''))?.[0],
  idKeys: [],
  serverKeys: ['imap_host', 'smtp_host'],
  documentSections: [],
  usesMetaApp: false,
  check: async () => (await import('./check.ts')).checkEmail,
};

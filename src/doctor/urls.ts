import { createServer } from 'node:net';
import { type LoopbackEndpoint, parseRedirectUri } from '../auth/redirect-uri.ts';
import { isLoopbackHost } from '../shared/url.ts';
import { type DoctorResult, failed, ok, warning } from './result.ts';

/**
 * Checks that sign-ins can return to this machine. Whether the app permits the URI shows only at a
 * sign-in.
 */
export async function checkRedirectUri(redirectUri: string): Promise<DoctorResult> {
  const check = 'redirect_uri';
  try {
    const { loopback } = parseRedirectUri(redirectUri);
    if (loopback === null) {
      return ok(check, `${redirectUri}: not this machine; the redirected address is pasted.`);
    }
    if (!(await isFree(loopback))) {
      const message = `Port ${loopback.port} of ${redirectUri} is taken by another program.`;
      return warning(check, message, 'End that program, or choose another redirect_uri.');
    }
    const mode = loopback.secure
      ? 'list exactly that at Meta'
      : 'for an app in development mode; a live one takes HTTPS addresses only';
    return ok(check, `${redirectUri}: ${mode}.`);
  } catch (thrown) {
    return failed(check, thrown);
  }
}

function isFree({ addresses: [host = '127.0.0.1'], port }: LoopbackEndpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A port without permission to listen differs from a port in use.
    server.on('error', (thrown: NodeJS.ErrnoException) => resolve(thrown.code !== 'EADDRINUSE'));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

export function checkWebhookBaseUrl(base: string | null): DoctorResult {
  const check = 'webhook_base_url';
  if (base === null) return ok(check, 'Not set: accounts show no webhook address.');
  if (!isLoopbackHost(new URL(base).hostname)) return ok(check, `${base}.`);
  const message = `${base} is this machine, and Meta can't call it.`;
  return warning(check, message, 'Set it to the public address of your webhooks.');
}

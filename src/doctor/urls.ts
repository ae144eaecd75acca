import { createServer } from 'node:net';
import { type LoopbackEndpoint, parseRedirectUri } from '../auth/redirect-uri.ts';
import { systemCode } from '../shared/errors.ts';
import { refusedPort } from '../shared/loopback/server.ts';
import { isLoopbackHost } from '../shared/url.ts';
import { type DoctorResult, failed, ok, warning } from './result.ts';

/**
 * Checks that a sign-in can redirect to this machine. Only an actual sign-in shows whether the app
 * allows the URI.
 *
 * @param tryListen returns the system's error code for listening at the endpoint, or null
 */
export async function checkRedirectUri(
  redirectUri: string,
  tryListen = listenErrorCode,
  system?: string,
): Promise<DoctorResult> {
  const check = 'redirect_uri';
  try {
    const { loopback } = parseRedirectUri(redirectUri);
    if (loopback === null) {
      return ok(
        check,
        `${redirectUri} is not on this machine; sign-ins ask you to paste the URL that the browser is redirected to.`,
      );
    }
    const code = await tryListen(loopback);
    if (code === 'EACCES') {
      const message = `channelctl cannot listen on port ${loopback.port} of ${redirectUri}.`;
      return warning(
        check,
        message,
        `${refusedPort(system)} Or choose another port: channelctl config set redirect_uri …`,
      );
    }
    if (code === 'EADDRINUSE') {
      const message = `Port ${loopback.port} of ${redirectUri} is in use by another program.`;
      return warning(
        check,
        message,
        'Stop that program, or choose another port: channelctl config set redirect_uri …',
      );
    }
    const mode = loopback.secure
      ? 'register exactly this URI with Meta'
      : 'only for an app in development mode; a live app requires HTTPS';
    return ok(check, `${redirectUri}: ${mode}.`);
  } catch (thrown) {
    return failed(check, thrown);
  }
}

function listenErrorCode({
  addresses: [host = '127.0.0.1'],
  port,
}: LoopbackEndpoint): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', (thrown) => resolve(systemCode(thrown) ?? null));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

export function checkWebhookBaseUrl(base: string | null): DoctorResult {
  const check = 'webhook_base_url';
  if (base === null) return ok(check, 'Not set; accounts have no webhook URL.');
  if (!isLoopbackHost(new URL(base).hostname)) return ok(check, `${base}.`);
  const message = `${base} is on this machine, which Meta cannot reach.`;
  return warning(
    check,
    message,
    'Set the public base URL of your webhooks: channelctl config set webhook_base_url https://…',
  );
}

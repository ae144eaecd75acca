import { randomBytes } from 'node:crypto';
import { cancelledError, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { loadOrCreateCertificate } from '../../shared/loopback/certificate.ts';
import { type LoopbackEndpoint, parseRedirectUri, type RedirectUri } from '../redirect-uri.ts';
import { explainCertificateWarning, showUrl } from '../show-url.ts';
import type { BrowserPorts } from '../types.ts';
import { waitForFirst } from '../wait.ts';
import { signupPage } from './signup-page.ts';
import { type FinishedSignup, signupError, type UnfinishedSignup } from './signup-result.ts';
import { type SignupResultView, startSignupServer } from './signup-server.ts';

export type { SignupResultView } from './signup-server.ts';

const ALTERNATIVE = 'pass --code, --waba-id and --phone-number-id';

export interface SignupRequest {
  /** The URL of the page: an `https:` URL of this machine. */
  redirectUri: string;
  appId: string;
  configId: string;
  graphVersion: string;
  extras: Json;
  sdkUrl: string;
  facebookUrl: string;
  openBrowser: boolean;
  timeoutSeconds: number;
}

export interface CompletedSignup extends Omit<FinishedSignup, 'kind'> {
  /**
   * Shows the result of connecting in the browser, then closes the server. Resolves when the
   * browser has received the result, or after a second.
   */
  showResult(view: SignupResultView): Promise<void>;
}

/**
 * Runs WhatsApp Embedded Signup in the browser: serves a page that runs Facebook's JavaScript SDK,
 * and returns the code and IDs that the SDK passes to the page.
 *
 * @throws ChannelctlError `usage` for an unusable redirect URI, `conflict` for a port in use,
 *   `not_allowed` if the user cancels the sign-up, `graph` if Facebook reports an error or the
 *   sign-up times out, `cancelled` if it is interrupted
 */
export async function runSignup(
  request: SignupRequest,
  ports: BrowserPorts,
): Promise<CompletedSignup> {
  if (ports.signal.aborted) throw cancelledError();
  const redirect = parseRedirectUri(request.redirectUri);
  const endpoint = secureEndpoint(redirect);
  const certificate = await loadOrCreateCertificate(
    ports.certificateFolder,
    redirect.hostname,
    ports.now(),
  );
  const unguessable = () => randomBytes(32).toString('base64url');
  const csrfToken = unguessable();
  const server = await startSignupServer({
    path: redirect.path,
    endpoint,
    certificate,
    texts: { alternative: ALTERNATIVE, print: ports.print },
    csrfToken,
    page: (resultPath) => signupPage({ ...request, resultPath, csrfToken, nonce: unguessable() }),
  });
  const waiting = {
    subject: 'the WhatsApp sign-up',
    timeoutSeconds: request.timeoutSeconds,
    alternative: ALTERNATIVE,
    interrupt: ports.signal,
  };
  try {
    const result = await waitForFirst(waiting, (done) => {
      const url = redirect.origin + redirect.path;
      explainCertificateWarning(certificate, redirect.origin, 'First', ports);
      const purpose = 'to connect WhatsApp';
      showUrl({ url, purpose, openBrowser: request.openBrowser }, ports, done);
      return [server.result];
    });
    if (result.kind !== 'finished') {
      await server.showResult(unfinishedView(result));
      throw signupError(result);
    }
    return { ...result, showResult: server.showResult };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** FB.login requires a page served over HTTPS (Meta, "Facebook SDK for JavaScript"). */
function secureEndpoint({ loopback, hostname }: RedirectUri): LoopbackEndpoint {
  if (loopback?.secure) return loopback;
  throw usageError('Could not serve the sign-up page at redirect_uri.', {
    reason:
      loopback === null
        ? `The URI points to ${hostname}, where channelctl cannot listen.`
        : "Facebook's script requires an HTTPS page.",
    hint: `Set redirect_uri to a URI such as https://localhost:8976/callback, or ${ALTERNATIVE}.`,
  });
}

function unfinishedView(result: UnfinishedSignup): SignupResultView {
  const { reason } = signupError(result);
  const isAbandoned = result.kind === 'abandoned';
  return {
    tone: 'bad',
    title: isAbandoned ? 'Sign-up cancelled' : 'Sign-up failed',
    text: `${isAbandoned ? `${reason} ` : ''}Nothing was connected. Return to the terminal for the next step. You can close this tab.`,
    rows: [],
    quote: isAbandoned ? null : reason,
  };
}

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
  /** The configuration of Facebook Login for Business that Embedded Signup runs with. */
  configId: string;
  /** As Meta writes it: `v26.0`. */
  graphVersion: string;
  /** The option `extras` of `FB.login`. */
  extras: Json;
  /** The URL of Facebook's JavaScript SDK. */
  sdkUrl: string;
  /** The URL of Facebook, whose messages the page accepts. */
  facebookUrl: string;
  /** Whether to open the browser; if not, the URL is only printed. */
  openBrowser: boolean;
  timeoutSeconds: number;
}

export interface CompletedSignup extends Omit<FinishedSignup, 'kind'> {
  /**
   * Shows in the browser how connecting ended, and closes the server. Resolves when the browser has
   * it, or after a second. Until it is called, the page shows progress.
   */
  showResult(view: SignupResultView): Promise<void>;
}

/**
 * Runs WhatsApp Embedded Signup in the browser: serves a page that runs Facebook's JavaScript SDK,
 * and returns the code and the IDs that the page got from it.
 *
 * @throws ChannelctlError of kind `usage` for a redirect URI that can't be used, `conflict` for a
 *   port in use, `not_allowed` if the user abandoned it, `graph` if Facebook reports an error or on
 *   a timeout, `cancelled` if it was interrupted
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
    alternative: ALTERNATIVE,
    csrfToken,
    page: (resultPath) => signupPage({ ...request, resultPath, csrfToken, nonce: unguessable() }),
  });
  const waiting = {
    subject: 'the sign-up at Facebook',
    timeoutSeconds: request.timeoutSeconds,
    alternative: ALTERNATIVE,
    interrupt: ports.signal,
  };
  try {
    const result = await waitForFirst(waiting, (done) => {
      const url = redirect.origin + redirect.path;
      explainCertificateWarning(certificate, redirect.origin, 'At first', ports);
      const purpose = 'to sign up for WhatsApp at Facebook';
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

/** Source: Meta, "Facebook SDK for JavaScript": FB.login refuses a page that is not HTTPS. */
function secureEndpoint({ loopback, hostname }: RedirectUri): LoopbackEndpoint {
  if (loopback?.secure) return loopback;
  throw usageError("The sign-up page can't be served at redirect_uri.", {
    reason:
      loopback === null
        ? `It is on ${hostname}, where channelctl can't listen.`
        : "It begins with http:, and Facebook's script signs nobody in on such a page.",
    hint: `Set redirect_uri to an address such as https://localhost:8976/callback, or ${ALTERNATIVE}.`,
  });
}

function unfinishedView(result: UnfinishedSignup): SignupResultView {
  const { reason } = signupError(result);
  const isAbandoned = result.kind === 'abandoned';
  return {
    tone: 'bad',
    title: isAbandoned ? 'You left the sign-up' : 'The sign-up failed',
    text: `${isAbandoned ? `${reason} ` : ''}Nothing was connected. Go back to the terminal, which says what to do next. You can close this tab.`,
    rows: [],
    quote: isAbandoned ? null : reason,
  };
}

import { randomBytes } from 'node:crypto';
import { cancelledError, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { loopbackCertificate } from '../../shared/loopback/certificate.ts';
import { type LoopbackEndpoint, parseRedirectUri, type RedirectUri } from '../redirect-uri.ts';
import { explainCertificate, showAddress } from '../show-url.ts';
import type { BrowserPorts } from '../types.ts';
import { type Patience, waitForFirst } from '../wait.ts';
import { signUpPage } from './signup-page.ts';
import { errorOf, type Handover } from './signup-result.ts';
import { type SignUpOutcome, serveSignUp } from './signup-server.ts';

export type { SignUpOutcome } from './signup-server.ts';

const OTHER_WAY = 'pass --code, --waba-id and --phone-number-id';

/** What a sign-up is to do. */
export interface SignUpRequest {
  /** Where the page is served: an `https:` address of this machine. */
  redirectUri: string;
  appId: string;
  /** The configuration of Facebook Login for Business that Embedded Signup runs with. */
  configId: string;
  /** As Meta writes it: `v26.0`. */
  graphVersion: string;
  /** `extras` of `FB.login`; see `EXTRAS`. */
  extras: Json;
  /** The address of Facebook's script. */
  sdkUrl: string;
  /** The address of Facebook, whose messages the page believes. */
  facebookUrl: string;
  /** Open the browser; false prints the address and waits. */
  openBrowser: boolean;
  timeoutSeconds: number;
}

export interface SignUpAnswer extends Omit<Extract<Handover, { kind: 'finished' }>, 'kind'> {
  /**
   * Shows in the browser what became of it, and ends the listening. Resolves when the browser has
   * it, or a second later. Until it is called the page says that channelctl is at work.
   */
  report(outcome: SignUpOutcome): Promise<void>;
}

/**
 * WhatsApp Embedded Signup in the person's browser: serves a page that runs Facebook's script, and
 * gives the code and the ids that Facebook gave the page.
 *
 * @throws ChannelctlError of kind `usage` for a redirect address that can't be used, `conflict` for
 *   a port that is taken, `not_allowed` where the person left, `graph` where Facebook reports an
 *   error or nobody answers in time, `cancelled` where it was interrupted
 */
export async function signUp(request: SignUpRequest, ports: BrowserPorts): Promise<SignUpAnswer> {
  if (ports.signal.aborted) throw cancelledError();
  const redirect = parseRedirectUri(request.redirectUri);
  const endpoint = secureEndpoint(redirect);
  const certificate = await loopbackCertificate(
    ports.certificateFolder,
    redirect.hostname,
    ports.now(),
  );
  const secret = () => randomBytes(32).toString('base64url');
  const token = secret();
  const server = await serveSignUp({
    path: redirect.path,
    endpoint,
    certificate,
    otherWay: OTHER_WAY,
    token,
    page: (answerPath) => signUpPage({ ...request, answerPath, token, nonce: secret() }),
  });
  try {
    const handover = await waitForFirst(patience(request), ports.signal, (over) => {
      const address = redirect.origin + redirect.path;
      explainCertificate(certificate, redirect.origin, 'At first', ports);
      const purpose = 'to sign up for WhatsApp at Facebook';
      showAddress({ address, purpose, opens: request.openBrowser }, ports, over);
      return [server.handover];
    });
    if (handover.kind !== 'finished') {
      await server.report(outcomeOf(handover));
      throw errorOf(handover);
    }
    return { ...handover, report: server.report };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function patience({ timeoutSeconds }: SignUpRequest): Patience {
  return { what: 'the sign-up at Facebook', timeoutSeconds, otherWay: OTHER_WAY };
}

/** Source: Meta, "Facebook SDK for JavaScript": FB.login refuses a page that is not HTTPS. */
function secureEndpoint({ loopback, hostname }: RedirectUri): LoopbackEndpoint {
  if (loopback?.secure) return loopback;
  throw usageError(
    "The sign-up page can't be served at redirect_uri.",
    loopback === null
      ? `It is on ${hostname}, where channelctl can't listen.`
      : "It begins with http:, and Facebook's script signs nobody in on such a page.",
    `Set redirect_uri to an address such as https://localhost:8976/callback, or ${OTHER_WAY}.`,
  );
}

function outcomeOf(handover: Exclude<Handover, { kind: 'finished' }>): SignUpOutcome {
  const { reason } = errorOf(handover);
  const left = handover.kind === 'left';
  return {
    tone: 'bad',
    title: left ? 'You left the sign-up' : 'The sign-up failed',
    text: `${left ? `${reason} ` : ''}Nothing was connected. Go back to the terminal, which says what to do next. You can close this tab.`,
    rows: [],
    quote: left ? null : reason,
  };
}

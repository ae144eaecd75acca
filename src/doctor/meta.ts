import type { SecretSources } from '../accounts/secrets.ts';
import { channelNamed } from '../channels/index.ts';
import { loadGraphApp, loadMetaApp } from '../channels/meta/app.ts';
import type { AppCredentials } from '../channels/meta/app-credentials.ts';
import { checkApp } from '../channels/meta/inspect-token.ts';
import type { Graph } from '../graph/graph.ts';
import { proxyFor } from '../graph/http/proxy.ts';
import type { Environment } from '../profile/settings.ts';
import { ChannelctlError } from '../shared/errors.ts';
import { sanitize } from '../shared/foreign/sanitize.ts';
import type { Redactor } from '../shared/redactor.ts';
import { META_URL_VARIABLES } from '../shared/url.ts';
import { type DoctorResult, error, failed, ok, warning } from './result.ts';

/** A smaller difference from Meta's clock is harmless. */
const WARNING_SKEW_MS = 60_000;
/** With a larger difference, expiry times and signatures are evaluated incorrectly. */
const ERROR_SKEW_MS = 5 * 60_000;

export interface MetaCheckContext extends SecretSources {
  graph(): Promise<Graph>;
  redactor: Redactor;
  now(): Date;
}

export function checkProxy(env: Environment): DoctorResult {
  try {
    const url = env.CHANNELCTL_GRAPH_URL || 'https://graph.facebook.com';
    const proxy = URL.canParse(url) ? proxyFor(new URL(url), env) : null;
    return ok('proxy', proxy === null ? 'Requests to Meta do not use a proxy.' : `${proxy.host}.`);
  } catch (thrown) {
    return failed('proxy', thrown);
  }
}

export function checkMetaUrls(env: Environment): DoctorResult {
  const check = 'meta_urls';
  const replaced = META_URL_VARIABLES.filter((name) => env[name]);
  if (replaced.length === 0) return ok(check, "Requests go to Meta's servers.");
  const list = replaced.map((name) => `${name} (${originOf(env[name] ?? '')})`).join(', ');
  return ok(check, `Variables replace the URLs of Meta's servers: ${list}.`);
}

/** Returns only the origin, because the rest of the URL may contain secrets. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'invalid';
}

export async function checkNetwork({ env, graph, now }: MetaCheckContext): Promise<DoctorResult[]> {
  const server = graphServer(env);
  try {
    const meta = await graph();
    const asked = now().getTime();
    const there = (await meta.time()).getTime();
    const here = (asked + now().getTime()) / 2;
    return [ok('network', `${server} is reachable.`), checkClock(here - there, server)];
  } catch (thrown) {
    const result = failed('network', thrown);
    // Other checks can succeed without a network, but not with an invalid setting.
    const isOutside = thrown instanceof ChannelctlError && thrown.kind === 'graph';
    return [isOutside ? { ...result, status: 'warning' } : result];
  }
}

/** Returns the name of the Graph API server in messages. Only Meta's own server is called Meta. */
function graphServer({ CHANNELCTL_GRAPH_URL: url }: Environment): string {
  return url && URL.canParse(url) ? new URL(url).host : 'Meta';
}

function checkClock(ahead: number, server: string): DoctorResult {
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const message = `The clock is ${seconds} s ${ahead < 0 ? 'behind' : 'ahead of'} that of ${server}.`;
  const hint = 'Set the clock, or synchronize it with NTP.';
  if (Math.abs(ahead) > ERROR_SKEW_MS) return error('clock', message, hint);
  if (Math.abs(ahead) > WARNING_SKEW_MS) return warning('clock', message, hint);
  return ok('clock', `The clock matches that of ${server}.`);
}

export async function checkIntegration(
  channel: string,
  context: MetaCheckContext,
  online: boolean,
): Promise<DoctorResult> {
  const check = `app:${channel}`;
  const { label, metaAppKeys } = channelNamed(channel);
  let app: AppCredentials;
  try {
    app = await loadMetaApp(channel, context);
  } catch (thrown) {
    return failed(check, thrown);
  }
  context.redactor.add(app.secret);
  try {
    app = await loadGraphApp(channel, context);
  } catch (thrown) {
    // The channel's own app is sufficient for everything except app-level webhooks.
    return { ...failed(check, thrown), status: 'warning' };
  }
  context.redactor.add(app.secret);
  if (!online)
    return ok(
      check,
      `${label}: the app ID and app secret are set; ${graphServer(context.env)} is unreachable, so they were not verified.`,
    );
  const noun = metaAppKeys === undefined ? 'app secret' : 'Meta app secret';
  const clean = (text: string) => sanitize(text, context.redactor);
  const appCheck = await checkApp(await context.graph(), app, clean);
  if (appCheck.works === true)
    return ok(check, `${label}: the ${noun} of ${appCheck.name ?? app.id} is valid.`);
  const message = `${label}: ${appCheck.message}`;
  if (appCheck.works === null) return warning(check, message, appCheck.hint);
  return error(check, message, `${appCheck.hint}: channelctl integrations set ${channel}`);
}

import type { Graph } from '../../graph/graph.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { inspectToken } from './inspect-token.ts';

/** Whether Meta accepts the ID and secret of an app. */
export type AppVerdict =
  | { works: true; name: string | null }
  /** `works` is null if Meta could not be reached. */
  | { works: false | null; message: string; hint: string };

/** Inspects the app's own token, which consists of its ID and secret. */
export async function checkApp(
  graph: Graph,
  app: { id: string; secret: string },
  sanitize: (text: string) => string,
): Promise<AppVerdict> {
  try {
    const found = await inspectToken(graph, app, `${app.id}|${app.secret}`, sanitize);
    if (found.is_valid) return { works: true, name: found.application };
    const message = found.error?.message ?? 'Meta does not say why.';
    return { works: false, message, hint: HINT };
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    const { code = null, message: reason = null } = error.graph ?? {};
    if (code === null) return { works: null, message: error.reason, hint: error.hint };
    return { works: false, message: sanitize(reason ?? error.reason), hint: HINT };
  }
}

const HINT =
  'Compare id and secret with App settings → Basic at developers.facebook.com, and give both again';

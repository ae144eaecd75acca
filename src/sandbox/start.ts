import { randomBytes } from 'node:crypto';
import type { Service } from '../graph/operations/operation.ts';
import { listenOnPort } from '../shared/loopback/server.ts';
import { createGraphService, withBareIds } from './graph/graph-service.ts';
import { handlers } from './handlers/index.ts';
import { FaultQueue } from './http/faults.ts';
import { createRequestListener, type MountedService } from './http/server.ts';
import { createDialogs, type Dialog } from './oauth/dialog.ts';
import { createInstagramDialog } from './oauth/instagram-dialog.ts';
import { createLoginDialog } from './oauth/login-dialog.ts';
import { createSdk } from './oauth/sdk.ts';
import { createSignupDialog } from './oauth/signup-dialog.ts';
import { createDataService, DATA_PATH } from './running.ts';
import { type CompleteSeed, checkFault, completeSeed } from './seed/seed.ts';
import { issueInitialTokens, issuePageToken } from './state/initial-tokens.ts';
import { SandboxState } from './state/sandbox-state.ts';
import type { RecordedRequest, Sandbox, SandboxData, SandboxOptions } from './types.ts';
import { urlsAt } from './urls.ts';

/**
 * Starts a sandbox that imitates Meta's servers on loopback: the declared operations and the login
 * dialogs, with state in memory, strict checks and Meta's error bodies. The help of `sandbox start`
 * lists its limitations.
 *
 * @throws ChannelctlError `conflict` if the port is in use, `usage` if the seed or the port is
 *   invalid
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const seed = completeSeed(options.seed ?? {});
  const state = new SandboxState(seed, {
    now: options.now ?? Date.now,
    randomBytes,
  });
  const faults = new FaultQueue();
  for (const fault of seed.faults) faults.add(fault);
  const requests: RecordedRequest[] = [];
  const traceId = () => state.randomToken('A', 16);
  const log = options.log ?? (() => {});
  const data = dataOf(state, seed);
  const services = mountServices(state, seed.bare_ids);
  services.set(DATA_PATH, { service: 'graph', router: createDataService(data) });
  const router = createRequestListener({
    services,
    faults,
    requests,
    traceId,
    log,
  });
  const server = await listenOnPort(
    options.port,
    router,
    'The sandbox',
    options.onTls ?? (() => {}),
  );
  const urls = urlsAt(server.port);
  return {
    port: server.port,
    urls,
    description: { ...urls, ...data },
    requests,
    inject: (fault) => faults.add(checkFault(fault)),
    close: server.close,
  };
}

function mountServices(state: SandboxState, hasBareIds: boolean): Map<string, MountedService> {
  const api = (service: Service): MountedService => ({
    service,
    router: createGraphService({ service, state, handlers }),
  });
  const pages = (dialogs: Dialog[]): MountedService => ({
    service: 'graph',
    router: createDialogs(dialogs),
  });
  const instagramApi = api('instagram_api');
  if (state.instagram.hasBareUserId) {
    instagramApi.router = withBareIds('user_id', instagramApi.router);
  }
  const graph = api('graph');
  if (hasBareIds) graph.router = withBareIds('id', graph.router);
  return new Map([
    ['graph', graph],
    ['instagram-api', instagramApi],
    ['instagram-graph', api('instagram_graph')],
    ['facebook', pages([createLoginDialog(state), createSignupDialog(state)])],
    ['instagram', pages([createInstagramDialog(state)])],
    ['sdk.js', { service: 'graph', router: createSdk() }],
  ]);
}

function dataOf(state: SandboxState, seed: CompleteSeed): SandboxData {
  const { firstApp: app, whatsapp, instagram } = state;
  const { firstWaba } = whatsapp;
  return {
    app_id: app.id,
    app_secret: app.secret,
    instagram_app_id: instagram.app.id,
    instagram_app_secret: instagram.app.secret,
    waba_id: firstWaba.seed.id,
    phone_number_id: firstWaba.numbers[0]?.seed.id ?? '',
    business_token: issueInitialTokens(state, seed),
    pin: seed.whatsapp.pin,
    pages: [...state.pages.values()].map((page) => ({
      id: page.id,
      name: page.name,
      access_token: issuePageToken(state, page),
    })),
  };
}

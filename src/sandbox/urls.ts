import type { SandboxUrls } from './types.ts';

export function urlsAt(port: number): SandboxUrls {
  const origin = `http://127.0.0.1:${port}`;
  return {
    graph_url: `${origin}/graph`,
    facebook_url: `${origin}/facebook`,
    instagram_url: `${origin}/instagram`,
    instagram_api_url: `${origin}/instagram-api`,
    instagram_graph_url: `${origin}/instagram-graph`,
    facebook_sdk_url: `${origin}/sdk.js`,
  };
}

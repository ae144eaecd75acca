import type { Router } from './http.ts';

/**
 * A service that writes `user_id` as a bare JSON number, as Instagram's code exchange can. Such a
 * number is above 2^53, so a reader that is not careful loses its last digits.
 */
export function withBareUserId(router: Router): Router {
  return (request) => {
    const route = router(request);
    return {
      ...route,
      async run() {
        const reply = await route.run();
        return { ...reply, body: reply.body.replace(/"user_id":"(\d+)"/g, '"user_id":$1') };
      },
    };
  };
}

/** A `fetch` option that answers from a list of routes and keeps what it was asked. */

export interface ScriptedFetch {
  readonly fetch: (request: Request) => Promise<Response>;
  /** `METHOD url` of each request, in order. */
  readonly asked: string[];
  readonly requests: Request[];
}

/** @param routes - URL (without its query) to answer; functions are called for each request. */
export function scriptedFetch(routes: Readonly<Record<string, (request: Request) => Response | Promise<Response>>>): ScriptedFetch {
  const asked: string[] = [];
  const requests: Request[] = [];
  return {
    asked,
    requests,
    async fetch(request) {
      asked.push(`${request.method} ${request.url}`);
      requests.push(request);
      const route = routes[request.url.split('?', 1)[0]!];
      if (route === undefined) throw new TypeError(`nothing listens at ${request.url}`);
      return route(request);
    },
  };
}

/** Fakes as request handlers of MSW, version 2 or 3, which the consumer brings. */
import { Engine, FakeError, problemAnswer } from './core/engine.ts';
import { engineOf, type Fake } from './core/fake.ts';
import type { Fakes } from './fakes.ts';
import { makeFetch } from './core/fetch.ts';
import type { HostRole } from './core/calls.ts';

/** The part of MSW's `http` that is used. */
export interface MswHttp<Handler> {
  all(path: RegExp, resolver: (info: { readonly request: Request }) => Promise<Response>): Handler;
}

/**
 * Makes request handlers of a fake, or of several: what goes to their hosts (`https://api.tenovos.test`, ...) is answered
 * by them. Faults that break a connection or a body are refused here, because MSW passes them on wrongly.
 *
 * @param http - MSW's own `http`, so that no version of it is bound here: `import { http } from 'msw'`.
 * @returns One handler per host, for `setupServer(...handlers)` or `setupWorker(...handlers)`.
 *
 * @example
 * ```ts
 * const server = setupServer(...mswHandlers(http, fake));
 * ```
 */
export function mswHandlers<Handler>(http: MswHttp<Handler>, ...fakes: readonly (Fake | Fakes)[]): Handler[] {
  const engines = fakes.flatMap((fake) => ('tenovos' in fake ? [fake.egain, fake.tenovos, fake.worldserver] : [fake])).map((fake) => engineOf(fake));
  Engine.together(engines);
  const fetch = makeFetch(engines, 'msw');
  const origins = engines.flatMap((engine) => Object.values(engine.model.hosts as Record<HostRole, readonly string[]>).flat());
  const answer = async ({ request }: { readonly request: Request }): Promise<Response> => {
    try {
      // MSW follows redirects itself, so the fake must not.
      return await fetch(new Request(request, { redirect: 'manual' }));
    } catch (error) {
      // What a handler throws, MSW answers as 500 in words of its own, with a stack.
      const closed = engines.find((engine) => engine.closed && engine.roleOf(new URL(request.url).origin) !== undefined);
      if (closed === undefined && !(error instanceof FakeError)) throw error;
      const { status, headers, json } = problemAnswer(
        500,
        closed === undefined ? (error as Error).message : `The ${closed.model.title} fake is closed: its handlers answer nothing any more.`,
      );
      return Response.json(json, { status, headers: headers ?? {} });
    }
  };
  return origins.map((origin) => http.all(new RegExp(`^${origin.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/`), answer));
}

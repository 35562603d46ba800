import type { CallRecord, HostRole, Shape } from './calls.ts';
import type { VirtualClock } from './clock.ts';
import { answerHeaders, BrokenRequest, type Engine, type Incoming, logAnswer, type Outcome } from './engine.ts';
import { hasNoBody, isPlain, isWhole, plainText, wireBody, WireBreak } from './wire.ts';

/** The fetch of a fake: what built-in fetch does, without a network. */
export type FakeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

// oxlint-disable-next-line typescript/no-explicit-any -- engines of several vendors side by side
type AnyEngine = Engine<any, any>;

const MAX_REDIRECTS = 20;

/**
 * Requests that wait for an answer or have an open body. A request holds the controller of its signal weakly: without
 * this, one that stalls is garbage, and the abort that should end it reaches nobody. A socket would hold it, too.
 */
const inFlight = new Set<object>();
/** What a request was made of: its signal leads there, weakly as well. */
const madeOf = new WeakMap<Request, unknown>();

/** Makes a fetch that reaches the hosts of these fakes and nothing else: any other address fails. */
export function makeFetch(engines: readonly AnyEngine[], shape: Shape = 'in-process'): FakeFetch {
  return async (input, init) => {
    const made = isForeignRequest(input) ? { ...partsOf(input), ...init } : init;
    const body = platformForm(made?.body);
    // A stream needs `duplex`, which callers of an injected fetch may not know.
    const streamed = body instanceof ReadableStream;
    const whole = made === undefined ? undefined : { ...made, ...(body === undefined ? {} : { body }), ...(streamed ? { duplex: 'half' } : {}) };
    let request = new Request(isForeignRequest(input) ? input.url : input, whole as RequestInit);
    madeOf.set(request, input);
    const chunked = streamed && !request.headers.has('content-length');
    let redirected = false;
    for (let hops = 0; ; hops++) {
      const url = new URL(request.url);
      const { engine, role } = await locate(engines, request, url, chunked, shape);
      // The bytes may be needed again at the place that a 307 names.
      const again = request.redirect === 'follow' && request.body !== null && !streamed ? request.clone() : undefined;
      const response = await send(engine, role, request, url, chunked, shape);
      const location = response.headers.get('location');
      if (location === null || ![301, 302, 303, 307, 308].includes(response.status) || request.redirect === 'manual') {
        return decorate(response, url, redirected);
      }
      if (request.redirect === 'error') throw failed(Object.assign(new Error('unexpected redirect'), {}));
      if (hops >= MAX_REDIRECTS) throw failed(new Error('redirect count exceeded'));
      redirected = true;
      if (!URL.canParse(location, url)) throw failed(new Error(`The Location ${JSON.stringify(engine.show(location))} is no URL.`));
      const next = new URL(location, url);
      const headers = new Headers(request.headers);
      // What built-in fetch takes off on the way to another origin. It leaves vendor headers on: so does this one.
      if (next.origin !== url.origin) for (const name of ['authorization', 'proxy-authorization', 'cookie', 'host']) headers.delete(name);
      const asGet =
        (response.status === 303 && request.method !== 'HEAD') || ((response.status === 301 || response.status === 302) && request.method === 'POST');
      if (asGet) for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']) headers.delete(name);
      const { signal } = request;
      const before = request;
      request = asGet
        ? new Request(next, { method: 'GET', headers, signal })
        : new Request(next, { method: request.method, headers, signal, ...(again?.body ? ({ body: again.body, duplex: 'half' } as RequestInit) : {}) });
      madeOf.set(request, before);
    }
  };
}

/** A `Request` of another copy of fetch, such as that of the undici package: the platform's own would take it for a URL. */
function isForeignRequest(input: string | URL | Request): input is Request {
  return typeof input === 'object' && !(input instanceof Request) && !(input instanceof URL) && 'url' in input && 'headers' in input;
}

function partsOf({ method, headers, body, redirect, signal }: Request): RequestInit {
  return { method, headers: [...headers], redirect, signal, ...(body === null ? {} : { body }) };
}

/** A form of another copy of fetch as one of the platform. */
function platformForm(body: RequestInit['body']): RequestInit['body'] {
  if (typeof body !== 'object' || body === null || body instanceof FormData || Object.prototype.toString.call(body) !== '[object FormData]') return body;
  const form = new FormData();
  for (const [name, value] of body as unknown as FormData) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, value.name);
  }
  return form;
}

async function locate(
  engines: readonly AnyEngine[],
  request: Request,
  url: URL,
  chunked: boolean,
  shape: Shape,
): Promise<{ engine: AnyEngine; role: HostRole }> {
  for (const engine of engines) {
    const role = engine.roleOf(url.origin);
    if (role !== undefined) return { engine, role };
  }
  const hosts = engines.flatMap((engine) => Object.values(engine.model.hosts as Record<HostRole, readonly string[]>).flat());
  const message = `No fake is at ${url.origin}, and a fake never calls a real server. There are: ${[...new Set(hosts)].join(', ')}.`;
  throw await engines[0]!.refuse(incomingOf(request, url, chunked), shape, message);
}

function incomingOf(request: Request, url: URL, chunked: boolean): Incoming {
  return { method: request.method, url, headers: request.headers, body: request.body, chunked, signal: request.signal };
}

async function send(engine: AnyEngine, role: HostRole, request: Request, url: URL, chunked: boolean, shape: Shape): Promise<Response> {
  const { signal } = request;
  signal.throwIfAborted();
  if (engine.closed) throw failed(Object.assign(new Error(`connect ECONNREFUSED ${url.host}: the fake is closed`), { code: 'ECONNREFUSED' }));
  let end = (): void => undefined;
  const broken = new Promise<never>((_, reject) => (end = () => reject(failed(otherSideClosed()))));
  broken.catch(() => undefined);
  engine.open.add(end);
  inFlight.add(request);
  try {
    return await Promise.race([exchange(engine, role, request, url, chunked, shape), broken]);
  } finally {
    engine.open.delete(end);
    inFlight.delete(request);
  }
}

async function exchange(engine: AnyEngine, role: HostRole, request: Request, url: URL, chunked: boolean, shape: Shape): Promise<Response> {
  const { signal } = request;
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  aborted.catch(() => undefined);
  const answered = engine.handle(incomingOf(request, url, chunked), role, shape, engine.origins).catch((error: unknown) => {
    throw error instanceof BrokenRequest ? failed(error.cause as Error) : error;
  });
  const outcome = await Promise.race([answered, aborted]);
  if (outcome.error !== undefined) throw outcome.error;
  const responded = respond(engine, outcome, request).catch((error: unknown) => {
    throw signal.aborted || isNetworkError(error) ? error : engine.failed(outcome.call, error);
  });
  return await Promise.race([responded, aborted]);
}

async function respond(engine: AnyEngine, outcome: Outcome<string>, request: Request): Promise<Response> {
  const { clock } = engine;
  const { method, signal } = request;
  const { answer, wire, call } = outcome;
  if (wire.breakBeforeHeaders === 'reset') throw failed(connectionReset());
  if (wire.breakBeforeHeaders === 'stall') return await new Promise<never>(() => undefined);

  const text = plainText(answer);
  if (hasNoBody(answer.status, method)) {
    const length = method === 'HEAD' ? wireBody(answer, {}, () => Promise.resolve()).length : undefined;
    const headers = answerHeaders(answer, length, clock.now());
    headers.delete('transfer-encoding');
    logAnswer(call, answer, headers, engine.show);
    call.complete = true;
    return new Response(null, { status: answer.status, headers });
  }
  if (answer.content === undefined && isPlain(wire)) {
    const bytes = new TextEncoder().encode(text ?? '');
    const headers = answerHeaders(answer, bytes.byteLength, clock.now());
    logAnswer(call, answer, headers, engine.show);
    call.sentBytes = bytes.byteLength;
    call.complete = true;
    return new Response(bytes, { status: answer.status, headers });
  }

  const holder: { work: ReturnType<VirtualClock['work']> | undefined } = { work: undefined };
  const body = wireBody(answer, wire, async (ms) => {
    holder.work?.pause();
    await sleep(clock, ms, signal);
    holder.work?.resume();
  });
  const headers = answerHeaders(answer, body.declared, clock.now());
  logAnswer(call, answer, headers, engine.show);
  return new Response(stream(engine, body.chunks(), body.declared, isWhole(wire) ? body.length : undefined, call, holder, request), {
    status: answer.status,
    headers,
  });
}

function stream(
  engine: AnyEngine,
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  declared: number | undefined,
  meant: number | undefined,
  call: CallRecord<string>,
  holder: { work: ReturnType<VirtualClock['work']> | undefined },
  request: Request,
): ReadableStream<Uint8Array> {
  const { signal } = request;
  const { clock } = engine;
  const closed = clock.open();
  // A key of its own: the request is deleted when the headers are there.
  const held = { request };
  inFlight.add(held);
  const iterator = chunks[Symbol.asyncIterator]();
  let onAbort: (() => void) | undefined;
  let onClose: (() => void) | undefined;
  let over = false;
  const finish = (): void => {
    over = true;
    closed();
    inFlight.delete(held);
    if (onClose !== undefined) engine.open.delete(onClose);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    void iterator.return?.();
  };
  return new ReadableStream<Uint8Array>(
    {
      type: 'bytes',
      start(controller) {
        onAbort = () => {
          if (over) return;
          controller.error(signal.reason);
          finish();
        };
        signal.addEventListener('abort', onAbort, { once: true });
        onClose = () => {
          if (over) return;
          controller.error(terminated(otherSideClosed()));
          finish();
        };
        engine.open.add(onClose);
        if (declared === 0) end(controller);
      },
      async pull(controller) {
        if (over) return;
        const work = clock.work();
        holder.work = work;
        try {
          const next = await iterator.next();
          if (over) return;
          if (next.done === true) {
            if (declared !== undefined && call.sentBytes < declared) throw new WireBreak('end');
            end(controller);
            return;
          }
          // A client stops at Content-Length, whatever follows.
          const room = declared === undefined ? Infinity : declared - call.sentBytes;
          const chunk = next.value.byteLength > room ? next.value.slice(0, room) : next.value;
          call.sentBytes += chunk.byteLength;
          if (chunk.byteLength > 0) controller.enqueue(chunk);
          if (declared !== undefined && call.sentBytes === declared) end(controller);
        } catch (error) {
          if (over) return;
          if (error instanceof WireBreak && error.how === 'stall') {
            // Nothing more comes: only the client's abort or cancel ends this.
            work.end();
            await new Promise<never>(() => undefined);
          }
          const clean = error instanceof WireBreak && error.how === 'end' && declared === undefined;
          if (clean) end(controller);
          else {
            // What else fails is the fake itself: over sockets the connection ends then.
            const cause = error instanceof WireBreak ? (error.how === 'reset' ? connectionReset() : otherSideClosed()) : engine.failed(call, error);
            controller.error(terminated(cause));
            finish();
          }
        } finally {
          work.end();
        }
      },
      cancel() {
        finish();
      },
    },
    { highWaterMark: 0 },
  );

  function end(controller: ReadableStreamController<Uint8Array>): void {
    call.complete = call.sentBytes === meant;
    finish();
    controller.close();
    // A reader with its own buffer waits until it hears that nothing was put into it.
    (controller as ReadableByteStreamController).byobRequest?.respond(0);
  }
}

function sleep(clock: VirtualClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clock.clearTimeout(timer), { once: true });
  });
}

function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed';
}

/** As built-in fetch rejects when no answer came. */
function failed(cause: Error): TypeError {
  return new TypeError('fetch failed', { cause });
}

/** As built-in fetch errors a body that breaks off. */
function terminated(cause: Error): TypeError {
  return new TypeError('terminated', { cause });
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

function otherSideClosed(): Error {
  const error = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  error.name = 'SocketError';
  return error;
}

function decorate(response: Response, url: URL, redirected: boolean): Response {
  Object.defineProperty(response, 'url', { value: url.href });
  Object.defineProperty(response, 'redirected', { value: redirected });
  return response;
}

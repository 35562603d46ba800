/** A TCP proxy that breaks what it carries, as networks do, and keeps every byte that a client sent. */

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What happens to one request and its answer. */
export interface Treatment {
  /** The answer ends after so many bytes, its status line and headers included. */
  readonly answerEndsAfter?: number;
  /** The request ends after so many bytes of its body. */
  readonly requestEndsAfter?: number;
  /** How it ends: an RST, a FIN, or silence on an open connection. Default `'reset'`. */
  readonly how?: 'reset' | 'close' | 'stall';
  /** Bytes of the answer in a second. */
  readonly bytesPerSecond?: number;
  /** Done when the server behind is cut off and the client still waits. */
  readonly meanwhile?: () => Promise<void>;
}

/** Time for bytes that were sent to be taken in: a reset overtakes what is still on its way. */
const BEFORE_RESET_MS = 10;
const STEP_MS = 10;
const HEAD_END = Buffer.from('\r\n\r\n');

export class BreakingProxy implements AsyncDisposable {
  /** Every byte that clients sent, as text. */
  sent = '';
  readonly #server: Server;
  readonly #target: URL;
  readonly #plan: Treatment[] = [];
  readonly #sockets = new Set<Socket>();
  #heads: string[] = [];

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
  }

  /** @param target - Origin of the server behind. */
  static async start(target: string): Promise<BreakingProxy> {
    const server = createServer();
    const proxy = new BreakingProxy(server, new URL(target));
    server.on('connection', (client) => proxy.#carry(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections of clients that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Request lines and headers, one text a request. */
  get heads(): readonly string[] {
    return this.#heads;
  }

  /** Plans what happens to the next requests, one each, in this order; all others pass. */
  plan(...treatments: readonly Treatment[]): void {
    this.#plan.push(...treatments);
  }

  /** Treatments that met no request. */
  get pending(): number {
    return this.#plan.length;
  }

  /** Forgets plan and records. */
  forget(): void {
    this.#plan.length = 0;
    this.#heads = [];
    this.sent = '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(client: Socket): void {
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    this.#sockets.add(client);
    const exchange = { treatment: undefined as Treatment | undefined, answered: 0, bodyLeft: 0, bodySent: 0, head: Buffer.alloc(0), over: false };
    client.on('close', () => {
      this.#sockets.delete(client);
      upstream.destroy();
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    upstream.on('end', () => {
      if (!exchange.over) client.end();
    });

    const breakOff = async (): Promise<void> => {
      const { how = 'reset', meanwhile } = exchange.treatment ?? {};
      exchange.over = true;
      upstream.destroy();
      await meanwhile?.();
      if (how === 'close') client.end();
      if (how === 'reset') {
        await wait(BEFORE_RESET_MS);
        client.resetAndDestroy();
      }
    };

    const forwardRequest = (data: Buffer): void => {
      let rest = data;
      while (rest.length > 0 && !exchange.over) {
        if (exchange.bodyLeft === 0) {
          exchange.head = Buffer.concat([exchange.head, rest]);
          const end = exchange.head.indexOf(HEAD_END);
          if (end < 0) return;
          const head = exchange.head.subarray(0, end + HEAD_END.length);
          rest = exchange.head.subarray(head.length);
          const text = head.toString('latin1');
          this.#heads.push(text);
          Object.assign(exchange, {
            head: Buffer.alloc(0),
            treatment: this.#plan.shift(),
            answered: 0,
            bodySent: 0,
            bodyLeft: Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0),
          });
          upstream.write(head);
          if (exchange.treatment?.requestEndsAfter === 0) return void breakOff();
          continue;
        }
        const room = exchange.treatment?.requestEndsAfter === undefined ? Infinity : exchange.treatment.requestEndsAfter - exchange.bodySent;
        const part = rest.subarray(0, Math.min(exchange.bodyLeft, room));
        rest = rest.subarray(part.length);
        exchange.bodyLeft -= part.length;
        exchange.bodySent += part.length;
        upstream.write(part);
        if (part.length === room) return void breakOff();
      }
    };
    client.on('data', (data: Buffer) => {
      this.sent += data.toString('latin1');
      forwardRequest(data);
    });

    void (async () => {
      for await (const data of upstream as AsyncIterable<Buffer>) {
        const { treatment } = exchange;
        const room = treatment?.answerEndsAfter === undefined ? Infinity : treatment.answerEndsAfter - exchange.answered;
        const part = data.subarray(0, room);
        exchange.answered += part.length;
        await this.#write(client, part, treatment?.bytesPerSecond);
        if (part.length === room) return await breakOff();
        if (exchange.over || client.destroyed) return;
      }
    })().catch(() => client.destroy());
  }

  async #write(client: Socket, data: Buffer, bytesPerSecond: number | undefined): Promise<void> {
    const step = bytesPerSecond === undefined ? data.length : Math.max(1, Math.round((bytesPerSecond * STEP_MS) / 1000));
    for (let at = 0; at < data.length && !client.destroyed; at += step) {
      if (!client.write(data.subarray(at, at + step))) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            client.off('drain', done).off('close', done);
            resolve();
          };
          client.on('drain', done).on('close', done);
        });
      }
      if (bytesPerSecond !== undefined) await wait(STEP_MS);
    }
  }
}

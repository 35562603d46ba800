import type { CopyItem } from './contract.ts';

/** The items of a run, handed out one by one and in order to whoever is free; none is read before. */
export class Queue<Prepared> {
  readonly #iterator: Iterator<CopyItem> | AsyncIterator<CopyItem>;
  readonly #signal: AbortSignal;
  readonly #toEnd: boolean;
  readonly #prepare: (index: number, item: CopyItem) => Promise<Prepared>;
  /** Iterators need not bear a second `next()` before the first has answered. */
  #last: Promise<unknown> = Promise.resolve();
  #next = 0;
  #done = false;

  /**
   * @param prepare - What becomes of each item before it is handed out, one after the other.
   * @param options.toEnd - Hands out all items even after an abort: they are there anyway.
   */
  constructor(
    items: Iterable<CopyItem> | AsyncIterable<CopyItem>,
    prepare: (index: number, item: CopyItem) => Promise<Prepared>,
    { signal, toEnd }: { readonly signal: AbortSignal; readonly toEnd: boolean },
  ) {
    this.#iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.#prepare = prepare;
    this.#signal = signal;
    this.#toEnd = toEnd;
  }

  /** @returns `undefined` after the last item. */
  next(): Promise<Prepared | undefined> {
    const next = this.#last.then(() => this.#pull());
    this.#last = next;
    return next;
  }

  async #pull(): Promise<Prepared | undefined> {
    if (this.#done || (this.#signal.aborted && !this.#toEnd)) return undefined;
    let step: IteratorResult<CopyItem> | undefined;
    try {
      step = await this.#unlessAborted(this.#iterator.next());
    } catch (error) {
      this.#done = true;
      throw error;
    }
    if (step === undefined) return undefined;
    if (step.done === true) {
      this.#done = true;
      return undefined;
    }
    const index = this.#next;
    this.#next += 1;
    return this.#prepare(index, step.value);
  }

  /** Tells the source that nothing more is wanted; does not wait for it, because it may hang. */
  close(): void {
    if (this.#done) return;
    this.#done = true;
    try {
      void Promise.resolve(this.#iterator.return?.()).catch(() => undefined);
    } catch {
      // The run is over; how the source takes it is its own affair.
    }
  }

  async #unlessAborted<Step>(step: Step | PromiseLike<Step>): Promise<Step | undefined> {
    if (this.#toEnd) return step;
    let onAbort!: () => void;
    const aborted = new Promise<undefined>((resolve) => {
      onAbort = () => resolve(undefined);
      this.#signal.addEventListener('abort', onAbort);
    });
    try {
      return await Promise.race([step, aborted]);
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
    }
  }
}

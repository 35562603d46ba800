/** What the tests of the suite share. */

import type { AnyAdapter, AssetRef, AssetsAdapter, BoundRef, ErrorKind, Supports, UploadOptions, Uploaded, UploadSupport, Verb } from '@asset-clients/unified';

import { check, equal, failure, type Failure } from './expect.ts';
import type { Sample, Subject } from './subject.ts';

export const VERBS: readonly Verb[] = ['get', 'download', 'upload', 'delete', 'downloadMany'];

/** An adapter of which all verbs may be called, as JavaScript can. */
export type LooseAdapter = AssetsAdapter<Verb>;

/** One adapter under test. */
export class Harness {
  readonly subject: Subject;
  readonly adapter: LooseAdapter;
  readonly supports: Supports;
  readonly #uploaded: AssetRef[] = [];
  #count = 0;

  constructor(subject: Subject) {
    this.subject = subject;
    this.adapter = subject.adapter as LooseAdapter;
    this.supports = subject.adapter.supports;
  }

  can(verb: Verb): boolean {
    return this.supports[verb] !== false;
  }

  get uploadRules(): UploadSupport {
    return this.supports.upload as UploadSupport;
  }

  /** The first sample of a form. */
  sample(form?: string): Sample {
    const found = this.subject.samples.find((sample) => form === undefined || sample.form === form);
    check(found !== undefined, `samples has none of the form ${String(form)}, which supports.download.forms claims`);
    return found;
  }

  ref(target: unknown): BoundRef {
    return this.adapter.ref(target as never);
  }

  /** A call that must be refused before any request. */
  async refused(call: () => unknown, kinds: readonly ErrorKind[], what: string): Promise<Failure> {
    return this.unsent(() => failure(call, kinds, what), what);
  }

  /** Something during which no request may leave. */
  async unsent<Result extends Failure | undefined>(work: () => Result | Promise<Result>, what: string): Promise<Result> {
    const before = this.subject.requests?.();
    const result = await work();
    if (result !== undefined) equal(result.outcome, 'not-sent', `${what}: outcome`);
    if (before !== undefined) equal(this.subject.requests!() - before, 0, `${what}: requests sent`);
    return result;
  }

  /** A file name that was not used yet. */
  name(extension = 'txt'): string {
    this.#count += 1;
    return `contract-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${this.#count}.${extension}`;
  }

  /** An upload with what the vendor wants besides. */
  async upload(source: object, options?: UploadOptions): Promise<Uploaded> {
    const { vendorOptions } = this.subject.writes ?? {};
    const uploaded = await this.adapter.upload(
      { ...(vendorOptions === undefined ? {} : { vendorOptions }), ...source } as never,
      options === undefined
        ? undefined
        : {
            ...options,
            ...(options.onCreated !== undefined && {
              onCreated: async (ref: BoundRef) => {
                this.#uploaded.push(ref);
                await options.onCreated!(ref);
              },
            }),
          },
    );
    this.#uploaded.push(uploaded.ref);
    return uploaded;
  }

  /** Takes away what a test uploaded. */
  async cleanUp(): Promise<void> {
    for (const ref of this.#uploaded.splice(0)) {
      if (this.can('delete')) await this.adapter.delete(ref).catch(() => undefined);
      else await this.subject.writes?.left?.(ref);
    }
  }
}

/** The bytes of a file. */
export async function bytesOf(adapter: AnyAdapter, target: unknown): Promise<Uint8Array> {
  const content = await (adapter as LooseAdapter).download(target as never);
  return content.bytes();
}

/** All that a value holds is frozen. */
export function isFrozen(value: unknown): boolean {
  return typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every((member) => isFrozen(member)));
}

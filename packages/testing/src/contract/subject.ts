/** What the contract suite is told of an adapter. */

import type { AnyAdapter, AssetRef, ErrorKind } from '@asset-clients/unified';

/** A file that the adapter can read. */
export interface Sample {
  /** What names it: an argument of the adapter's verbs. */
  readonly target: unknown;
  /** Which of `supports.download.forms` it is. */
  readonly form: string;
  /** What it must hold; at least one of these for a strict test, none for a tenant's file. */
  readonly bytes?: Uint8Array | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  /** Lower-case hex. */
  readonly sha256?: string | undefined;
  readonly name?: string | undefined;
}

/** What the suite may write. */
export interface Writing {
  /** What the vendor wants in every upload: `{ egain: { channel, sender } }`. */
  readonly vendorOptions?: Readonly<Record<string, object>> | undefined;
  /** Called for what an upload left and the adapter cannot delete. */
  readonly left?: ((ref: AssetRef) => void | Promise<void>) | undefined;
}

/** An adapter and what it finds. */
export interface Subject {
  readonly adapter: AnyAdapter;
  /** At least one for each of `supports.download.forms`. */
  readonly samples: readonly Sample[];
  /** Names a file that does not exist. */
  readonly missing: {
    readonly target: unknown;
    /** What the vendor says then; some cannot tell it from a missing right. Default `['not-found']`. */
    readonly kinds?: readonly ErrorKind[] | undefined;
  };
  /** Names a file that is not there yet; needed where `supports.download.notReady`. */
  readonly notReady?: { readonly target: unknown } | undefined;
  /** Two or more targets for one archive; needed where `supports.downloadMany`. */
  readonly many?: readonly unknown[] | undefined;
  /** Values that can name no file here. Default: some that no adapter takes. */
  readonly nonsense?: readonly unknown[] | undefined;
  /** How many requests left so far: then "no request was sent" is proven, not only told. */
  readonly requests?: (() => number) | undefined;
  /** Absent: nothing is written or deleted, as befits a tenant of yours. */
  readonly writes?: Writing | undefined;
}

/** Options of `testAdapter`. */
export interface ContractOptions extends Subject {
  /** Registers one test: `test` of vitest, jest or `node:test`. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /**
   * The same adapter over its fake: reads are compared, and what differs is printed, not failed. For a tenant of yours.
   */
  readonly fake?: Pick<Subject, 'adapter' | 'samples' | 'missing' | 'notReady'> | undefined;
  /** Where differences are printed. Default: the console. */
  readonly print?: ((line: string) => void) | undefined;
}

/** How a vendor and its API are called in files, types and variables. */

/** A mistake in the arguments or the document: a sentence for the user, no stack. */
export class UsageError extends Error {}

/** Names of a new API. */
export interface Names {
  /** Folder under `packages/` and `specs/`: `acme`. */
  readonly vendor: string;
  /** Name of the document under `specs/<vendor>/`: `files`. */
  readonly api: string;
  /** Whether the vendor has no package yet. */
  readonly isNewVendor: boolean;
  /** Subpath and folder of the fake: `acme`, or `acme-files` where the vendor had a package already. */
  readonly id: string;
  /** In type names: `Acme`, `AcmeFiles`. */
  readonly type: string;
  /** In names of values: `acme`, `acmeFiles`. */
  readonly value: string;
  /** In environment variables: `ACME_FILES`. */
  readonly env: string;
  /** In sentences: `Acme`. */
  readonly title: string;
}

const RESERVED: ReadonlySet<string> = new Set(['runtime', 'testing', 'unified', 'codegen', 'core', 'cli', 'matchers', 'index']);
const FORM = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Checks and forms the names.
 *
 * @param vendor - As given: `acme`.
 * @param api - As given: `files`.
 * @param existing - Vendors that have a package.
 * @param title - The vendor's name in sentences; by default made of `vendor`.
 * @throws UsageError for a name that cannot be a folder and part of a type.
 */
export function namesOf(vendor: string, api: string, existing: readonly string[], title?: string): Names {
  for (const [what, name] of [
    ['vendor', vendor],
    ['API', api],
  ] as const) {
    if (!FORM.test(name))
      throw new UsageError(
        `"${name}" cannot be the name of a${what === 'API' ? 'n API' : ' vendor'}: use lower-case letters, digits and single hyphens, a letter first.`,
      );
    if (RESERVED.has(name)) throw new UsageError(`"${name}" is the name of another room of this repository.`);
  }
  const isNewVendor = !existing.includes(vendor);
  const id = isNewVendor ? vendor : `${vendor}-${api}`;
  if (!isNewVendor && existing.includes(id)) throw new UsageError(`"${id}" is the name of another vendor.`);
  const type = pascal(id);
  return {
    vendor,
    api,
    isNewVendor,
    id,
    type,
    value: type[0]!.toLowerCase() + type.slice(1),
    env: id.toUpperCase().replaceAll('-', '_'),
    title: (title ?? vendor.split('-').map(capital).join(' ')).replaceAll(/[^\p{L}\p{N} .&-]/gu, '').trim() || capital(vendor),
  };
}

const capital = (word: string): string => (word[0] ?? '').toUpperCase() + word.slice(1);
const pascal = (name: string): string => name.split('-').map(capital).join('');

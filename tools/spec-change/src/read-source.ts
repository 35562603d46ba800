/** Reads the document that a vendor published: from a file or a URL, in one file or several, clean or not. */

import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { bundle } from 'api-ref-bundler';

import { isDict, readSourceFile, type Dict } from '../../codegen/src/read-document.ts';
import { Repairs, type Repair } from '../../codegen/src/report.ts';
import { Problem } from './problem.ts';

/** A document in one piece. */
export interface Source {
  /** Without prototypes, as the generator's reader gives it. */
  readonly document: Dict;
  /** What had to be repaired to read it. */
  readonly repairs: readonly Repair[];
  /** The text, where the document is one file that was read as it is written. */
  readonly text?: string;
}

const maxBytes = 50 * 1024 * 1024;
const fetchTimeout = 60_000;

/**
 * Reads a document.
 *
 * @param from - Path of its first file, or a URL. A URL is fetched because a person named it; a `$ref` never is.
 * @param cwd - What a path is relative to.
 * @throws Problem or CodegenError: it cannot be read, or refers to the network or out of its folder.
 */
export async function readSource(from: string, cwd: string): Promise<Source> {
  if (!/^https?:\/\//i.test(from)) return readFiles(resolve(cwd, from), from);
  const folder = await mkdtemp(join(tmpdir(), 'spec-change-'));
  try {
    const name = basename(new URL(from).pathname) || 'document.yaml';
    const file = join(folder, /\.(?:ya?ml|json)$/i.test(name) ? name : `${name}.yaml`);
    await writeFile(file, await download(from));
    return await readFiles(file, from);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(url: string): Promise<Buffer> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeout), headers: { accept: 'application/yaml, application/json, text/yaml, */*;q=0.5' } });
  } catch (error) {
    throw new Problem(`${url} could not be fetched: ${(error as Error).message}`, 'Check the address, or save the document and give its path.');
  }
  if (!response.ok) throw new Problem(`${url} answers ${response.status}.`, 'Check the address, or save the document and give its path.');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Problem(`${url} is larger than ${maxBytes / 1024 / 1024} MB.`, 'Save the part you need and give its path.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readFiles(path: string, label: string): Promise<Source> {
  const repairs = new Repairs();
  const root = readSourceFile(path, label, repairs);
  if (!isDict(root.data)) throw new Problem(`${label} is not an OpenAPI document.`, 'Its first lines must contain "openapi: 3.0.3" or the like.');
  if (!Object.hasOwn(root.data, 'openapi')) {
    const found = Object.hasOwn(root.data, 'swagger') ? 'Swagger 2.0, not OpenAPI 3' : 'not an OpenAPI document';
    throw new Problem(`${label} is ${found}.`, 'Its first lines must contain "openapi: 3.0.3" or the like.');
  }
  if (!hasOtherFiles(root.data)) {
    const clean = repairs.list().length === 0 && !/\.json$/i.test(path);
    return { document: root.data, repairs: repairs.list(), ...(clean ? { text: await readFile(path, 'utf8') } : {}) };
  }
  const joined = await joinFiles(path, label, repairs);
  return { document: joined, repairs: repairs.list() };
}

/** Whether a `$ref` leads to another file (or to the network, which is refused later). */
function hasOtherFiles(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasOtherFiles);
  if (!isDict(value)) return false;
  return Object.entries(value).some(([key, inner]) => (key === '$ref' && typeof inner === 'string' ? !inner.startsWith('#') : hasOtherFiles(inner)));
}

/** Joins a document of several files; only files in its folder are read. */
async function joinFiles(path: string, label: string, repairs: Repairs): Promise<Dict> {
  const folder = await realpath(dirname(path));
  const lost: string[] = [];
  let refused: Error | undefined;
  const read = async (name: string): Promise<object> => {
    try {
      if (/^[a-z][a-z0-9+.-]*:/i.test(name) || name.startsWith('//')) {
        throw new Problem(`$ref to ${name}: references to the network are never fetched.`, 'Save that file beside the document and refer to it there.');
      }
      const file = resolve(folder, name);
      if (!inside(folder, file) || !inside(folder, await realpath(file).catch(() => file))) {
        throw new Problem(`$ref to ${name}, which is outside the document's folder.`, 'Move it there.');
      }
      // The library needs objects with prototypes.
      return JSON.parse(JSON.stringify(readSourceFile(file, name, repairs).data)) as object;
    } catch (error) {
      refused ??= error as Error;
      throw error;
    }
  };
  const joined = await bundle(basename(path), read, { hooks: { onError: (message) => void lost.push(message) } }).catch((error: unknown) => {
    if (refused || !(error instanceof URIError)) throw refused ?? error;
    throw new Problem(`A $ref of ${label} has a % that is no escape (${error.message}).`, 'Write a % of a file name as %25.');
  });
  if (refused) throw refused;
  if (lost.length > 0) throw new Problem(`A $ref leads nowhere: ${lost.slice(0, 5).join('; ')}.`, 'Correct the $ref, or add what it points to.');
  return withoutPrototypes(joined) as Dict;
}

function inside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** As the generator's reader gives documents: no key of them is special. */
export function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  if (!isDict(value)) return value;
  const result = Object.create(null) as Dict;
  for (const [key, inner] of Object.entries(value)) result[key] = withoutPrototypes(inner);
  return result;
}

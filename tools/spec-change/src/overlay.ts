/** Our corrections of a vendor's document: `specs/<vendor>/<api>.overlay.yaml`, an OpenAPI Overlay 1.0. */

import { paths } from 'jsonpathly';
import { openapiOverlay, type OpenAPIOverlayAction } from 'openapi-format';

import { isDict, readSourceFile, type Dict } from '../../codegen/src/read-document.ts';
import { Repairs } from '../../codegen/src/report.ts';
import { Problem } from './problem.ts';
import { withoutPrototypes } from './read-source.ts';

type Action = OpenAPIOverlayAction;

/**
 * Applies the corrections to a document.
 *
 * @param document - The vendor's document; stays as it is.
 * @param path - The overlay's file.
 * @param label - The path as messages show it.
 * @returns The corrected document.
 * @throws Problem naming each correction whose target is gone or that cannot be applied.
 */
export async function applyOverlay(document: Dict, path: string, label: string): Promise<Dict> {
  const overlay = readSourceFile(path, label, new Repairs()).data;
  if (!isDict(overlay) || !String(overlay.overlay).startsWith('1.0.') || !Array.isArray(overlay.actions)) {
    throw new Problem(`${label} is not an OpenAPI Overlay 1.0 document.`, 'It needs "overlay: 1.0.0", "info" and a list of "actions".');
  }
  let data = plain(document);
  const complaints: string[] = [];
  const gone: string[] = [];
  for (const action of (plain(overlay) as { actions: Action[] }).actions) {
    // The library would write it to the prototype of every object.
    if (/__proto__|\bconstructor\b|\bprototype\b/.test(String(action.target)) || hasPrototypeKey(action)) {
      throw new Problem(`${label}: a correction names __proto__, constructor or prototype: ${String(action.target)}`, 'Corrections cannot reach such members.');
    }
    const { steps, result } = await quietly(complaints, async () => {
      const steps = withSingleTargets(action, data);
      return { steps, result: await openapiOverlay(data, { overlaySet: { overlay: '1.0.0', actions: steps } }) };
    });
    data = result.data as Dict;
    const unused = result.resultData.unusedActions as readonly Action[];
    if (steps.length > 0 && unused.length === 0) continue;
    gone.push(`${action.target}${action.description === undefined ? '' : ` (${action.description.trim()})`}`);
  }
  if (gone.length > 0) {
    throw new Problem(
      [`${label}: ${gone.length === 1 ? 'a correction has' : `${gone.length} corrections have`} no target any more:`, ...gone, ...complaints].join('\n    '),
      'The vendor moved, renamed or corrected it: adapt the correction, or delete it if it is no longer needed.',
    );
  }
  return withoutPrototypes(data) as Dict;
}

const hasPrototypeKey = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).some(([key, member]) => key === '__proto__' || key === 'prototype' || key === 'constructor' || hasPrototypeKey(member));

const plain = (value: unknown): Dict => JSON.parse(JSON.stringify(value)) as Dict;

/** The library removes the items of a list from front to back, so that each removal moves the next: one step for each, from the back. */
function withSingleTargets(action: Action, document: Dict): Action[] {
  if (action.remove !== true) return [action];
  try {
    return paths(document, action.target)
      .toReversed()
      .map((target) => ({ ...action, target }));
  } catch (error) {
    console.error((error as Error).message);
    return [];
  }
}

/** The library writes its complaints to the console. */
async function quietly<T>(complaints: string[], run: () => Promise<T>): Promise<T> {
  const original = console.error;
  console.error = (...parts: unknown[]): void => void complaints.push(parts.map(String).join(' '));
  try {
    return await run();
  } finally {
    console.error = original;
  }
}

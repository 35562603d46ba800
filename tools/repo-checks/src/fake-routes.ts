/**
 * Prints what each fake can be asked, as JSON: `node src/fake-routes.ts`. A process of its own, because the fakes import their
 * documents, which only a hook of the module loader can read without a build.
 */

import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

import { slimSpec } from '../../../packages/testing/build/spec-plugin.ts';

import { read, root } from './repository.ts';

/** One thing that a fake can be asked. */
export interface FakeRoute {
  /** Folder of the fake. */
  readonly fake: string;
  readonly operation: string;
  readonly host: string;
  /** `'ALL'`: any method; the fake itself tells which one is right. */
  readonly method: string;
  readonly path: string;
  /** What the source says of the operation, where no document does. */
  readonly comment?: string;
}

interface Model {
  readonly operations: readonly string[];
  readonly routes: readonly {
    readonly operation: string;
    readonly host: string;
    readonly method: string;
    readonly path: string;
    readonly template?: { readonly path: string };
  }[];
}

const FAKES = 'packages/testing/src';

async function modelOf(fake: string): Promise<Model> {
  const module = (await import(`../../../${FAKES}/${fake}/model.ts`)) as { model?: Model; makeModel?: (apiVersion: 'documented') => Model };
  return module.model ?? module.makeModel!('documented');
}

async function routesOf(fake: string): Promise<FakeRoute[]> {
  const { operations, routes } = await modelOf(fake);
  const comments = new Map(
    [...read(`${FAKES}/${fake}/operations.ts`).matchAll(/\/\*\* (.+) \*\/\n\s*\| '(\w+)'/g)].map(([, comment, name]) => [name!, comment!]),
  );
  return operations.flatMap((operation) => {
    const comment = comments.get(operation);
    const own = routes.filter((route) => route.operation === operation);
    // What waits behind `fault.redirect()` is no route: every fake has it.
    const found = own.length > 0 ? own : [{ operation, host: 'elsewhere', method: 'ALL', path: '/moved/:id' }];
    return found.map(({ host, method, path, ...rest }) => ({
      fake,
      operation,
      host,
      method,
      path: ('template' in rest ? rest.template?.path : undefined) ?? path.replace(/^\*$/, '/*').replaceAll(/:(\w+)/g, '{$1}'),
      ...(comment === undefined ? {} : { comment }),
    }));
  });
}

if (process.argv[1] === import.meta.filename) {
  registerHooks({
    load: (url, context, next) =>
      url.endsWith('.yaml')
        ? {
            format: 'module',
            source: `export default ${JSON.stringify(slimSpec(parse(readFileSync(fileURLToPath(url), 'utf8')) as Parameters<typeof slimSpec>[0]))}`,
            shortCircuit: true,
          }
        : next(url, context),
  });
  const fakes = readdirSync(join(root, FAKES)).filter((name) => existsSync(join(root, FAKES, name, 'model.ts')));
  console.log(JSON.stringify((await Promise.all(fakes.map(routesOf))).flat(), undefined, 2));
}

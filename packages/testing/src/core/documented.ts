import type { Handler, Route } from './engine.ts';
import type { Spec } from './spec.ts';

/** A path of OpenAPI, such as `/pets/{id}`, for requests. */
export interface PathTemplate {
  readonly path: string;
  /** As the router wants it. */
  readonly route: string;
  /** The parameters in a path that fits, decoded by the caller. */
  read(pathname: string): Record<string, string>;
}

/** Compiles a path; parameters may have any name and be part of a segment. */
export function pathTemplate(path: string): PathTemplate {
  const names: string[] = [];
  const patterns = path.split('/').map((segment) =>
    segment
      .split(/(\{[^{}]*\})/)
      .map((part) => {
        if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        names.push(part.slice(1, -1));
        return '([^/]+?)';
      })
      .join(''),
  );
  const whole = new RegExp(`^${patterns.join('/')}$`);
  return {
    path,
    route: path
      .split('/')
      .map((segment, index) =>
        segment.includes('{') ? `:p${index}${/^\{[^{}]*\}$/.test(segment) ? '' : `{${patterns[index]!.replaceAll('([^/]+?)', '[^/]+')}}`}` : segment,
      )
      .join('/'),
    read(pathname) {
      const found = whole.exec(pathname);
      return Object.fromEntries(names.map((name, index) => [name, found?.[index + 1] ?? '']));
    },
  };
}

/**
 * A route for every operation of a document. Paths without parameters go first: `/pets/mine` is not a pet called "mine".
 *
 * @param basePath - Path of the server's address, without a slash at the end.
 */
export function documentedRoutes<Operation extends string, State>(
  spec: Spec,
  basePath: string,
  handlers: Readonly<Partial<Record<Operation, Handler<Operation, State>>>>,
): Route<Operation, State>[] {
  const parameters = (path: string): number => path.split('{').length;
  return (Object.entries(handlers) as [Operation, Handler<Operation, State>][])
    .map(([operation, handler]): Route<Operation, State> => {
      const { method, path } = spec.operations[operation]!;
      const template = pathTemplate(`${basePath}${path.split('?', 1)[0]!}`);
      return { operation, host: 'api', method, path: template.route, template, handler, spec };
    })
    .sort((a, b) => parameters(spec.operations[a.operation]!.path) - parameters(spec.operations[b.operation]!.path));
}

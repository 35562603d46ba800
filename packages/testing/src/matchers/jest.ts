/** Adds the matchers to jest's global `expect`, with their types: `import '@asset-clients/testing/jest'`. */
import type { FakeMatchers } from './matchers.ts';
import { matchers } from './runner.ts';

declare global {
  namespace jest {
    // oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-unused-vars -- the shape that @types/jest has
    interface Matchers<R, T = {}> extends FakeMatchers<R> {}
  }
}

const { expect } = globalThis as { expect?: { extend?: (matchers: object) => void } };
if (typeof expect?.extend !== 'function') {
  throw new Error(
    "There is no global expect: with jest's injectGlobals off, import { matchers } from '@asset-clients/testing/matchers' and call expect.extend(matchers).",
  );
}
expect.extend(matchers);

export { matchers };

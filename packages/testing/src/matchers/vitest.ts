/** Adds the matchers to vitest's `expect`, with their types: `import '@asset-clients/testing/vitest'`. */
import { expect } from 'vitest';
import type { FakeMatchers } from './matchers.ts';
import { matchers } from './runner.ts';

declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-unused-vars -- the shape that vitest asks for
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends FakeMatchers<R> {}
}

expect.extend(matchers as unknown as Parameters<typeof expect.extend>[0]);

export { matchers };

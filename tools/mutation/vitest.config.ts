import { defineConfig } from 'vitest/config';

/** Only the tests that the group at work names: each of them would run once for every mutant outside of functions. */
export default defineConfig({ test: { include: (process.env.MUTATION_TESTS ?? '').split(','), testTimeout: 20_000 } });

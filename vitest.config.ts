import { defineConfig } from 'vitest/config';

/** Suites that need a cloud: run on the embedded one by `npm test`, on one AWS endpoint by `npm run test:aws`. */
const CLOUD = 'tests/cloud/**/*.test.ts';

/** Suites that make services misbehave, on the embedded cloud alone: faults are about us, and not about an emulator. */
const FAULTS = 'tests/faults/**/*.test.ts';

/** Suites about how a process lives and dies: the same on every cloud, and slow, so they run on the embedded one alone. */
const PROCESSES = ['shutdown', 'reread', 'crash-points'].map(
  (name) => `tests/cloud/${name}.test.ts`,
);

/** Suites that hold what we say of many files against ffprobe, which makes the files too: by `npm run test:media`. */
const MEDIA = 'tests/media/**/*.test.ts';

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['tests/**/*.test.ts'], exclude: [CLOUD, FAULTS, MEDIA] },
      },
      {
        extends: true,
        test: {
          name: 'embedded',
          include: [CLOUD, FAULTS],
          globalSetup: ['tests/support/cloud-embedded.setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // They wait for queues more than they compute.
          maxWorkers: 4,
        },
      },
      {
        extends: true,
        test: {
          name: 'media',
          include: [MEDIA],
          globalSetup: ['tests/support/corpus.setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'aws',
          include: [CLOUD],
          exclude: PROCESSES,
          globalSetup: ['tests/support/cloud-aws.setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // They wait for queues more than they compute.
          maxWorkers: 4,
        },
      },
    ],
  },
});

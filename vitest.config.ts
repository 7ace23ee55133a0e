import { defineConfig } from 'vitest/config';

/** Seconds, no servers: rules, machines, what the docs claim, and who judges the races. */
const pure = {
  extends: true as const,
  test: { name: 'pure', include: ['test/{domain,machines,workflows,docs,races}/**/*.test.ts'] },
};

/** Adapters, the simulator and the scripts against real sockets and processes of their own. */
const edges = {
  extends: true as const,
  test: {
    name: 'edges',
    include: ['test/{activities,channels,simulator,scripts}/**/*.test.ts'],
    maxWorkers: 2,
    sequence: { groupOrder: 1 },
  },
};

/** On servers that are started once; one file at a time, since a stack's workers share a task queue. */
const served = (name: string, groupOrder: number) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    globalSetup: `test/${name}/setup.ts`,
    maxWorkers: 1,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [pure, edges, served('live', 2), served('timers', 3)],
  },
});

// `npm run check`: types, lint, format, architecture, dead code, and the pure tests with the docs tables; stops at the
// first that fails.
import { spawnSync } from 'node:child_process';

const STEPS: readonly (readonly [what: string, binary: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit'],
  ['types of the workflow sandbox', 'tsc', '--noEmit', '-p', 'tsconfig.workflow.json'],
  ['lint', 'oxlint', '--type-aware'],
  ['format', 'biome', 'format'],
  ['architecture', 'depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'err', '.'],
  ['dead code', 'knip'],
  ['rules, machines, docs', 'vitest', 'run', '--project', 'pure'],
];

for (const [what, binary, ...args] of STEPS) {
  console.log(`\n> ${what}: ${binary} ${args.join(' ')}`);
  const { status } = spawnSync(`node_modules/.bin/${binary}`, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`\nThe check stops at "${what}".`);
    process.exit(status ?? 1);
  }
}
console.log('\nAll checks have passed.');

// Architecture as a failing check: who may import whom.
// biome-ignore-all format: one rule, one line
const rule = (name, from, to) => ({ name, severity: 'error', from, to });
const asValue = { dependencyTypesNot: ['type-only'] };
const ours = '^(?!node_modules/).+\\.tsx?$';
const sandbox = '^(workflows|machines|domain/(?!contracts/))';
const forbidden = [
  rule('no-cycles', {}, { circular: true }),
  rule('contracts-import-only-zod', { path: '^domain/contracts/' }, { pathNot: '^domain/contracts/|node_modules/zod/' }),
  rule('rules-import-no-library', { path: '^domain/(?!contracts/)' }, { pathNot: '^domain/' }),
  rule('machines-are-pure', { path: '^machines/' }, { pathNot: '^(machines|domain)/|node_modules/xstate/' }),
  rule('workflows-stay-in-the-sandbox', { path: '^workflows/' }, { pathNot: '^(workflows|machines|domain|activities)/|node_modules/(@temporalio/(workflow|common)|xstate)/' }),
  rule('sandbox-sees-contract-types-only', { path: sandbox }, { path: '^domain/contracts/', ...asValue }),
  rule('workflows-see-activity-types-only', { path: '^workflows/' }, { path: '^activities/', ...asValue }),
  rule('activities-see-ports-not-adapters', { path: '^activities/' }, { path: ours, pathNot: '^(activities|domain)/|^workflows/messages\\.ts$' }),
  rule('adapters-see-ports-not-each-other', { path: '^(channels|store)/' }, { path: ours, pathNot: '^($1|domain)/|^activities/ports\\.ts$' }),
  rule('adapters-are-wired-at-the-edge', { pathNot: '^(channels|store|worker|api|scripts|bench|test)/' }, { path: '^(channels|store)/' }),
  rule('temporal-stays-home', { path: '^(domain|machines|channels|store|client|simulator)/' }, { path: 'node_modules/@temporalio/' }),
  rule('api-names-workflows', { path: '^api/' }, { path: '^workflows/(?!messages\\.ts$)|^(machines|activities)/', ...asValue }),
  rule('outsiders-see-contracts-only', { path: '^(client|simulator)/' }, { path: ours, pathNot: '^($1|domain/contracts)/' }),
  rule('simulator-shares-nothing', { path: '^simulator/' }, { path: ours, pathNot: '^simulator/' }),
  rule('nobody-imports-a-process', { path: '^(?!test/|bench/)([^/]+)/' }, { path: '^(api|worker|simulator|scripts|test|bench)/', pathNot: '^$1/' }),
];
module.exports = { forbidden, options: { doNotFollow: { path: 'node_modules' }, exclude: { path: '^(dist|\\.data)/' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] } } };

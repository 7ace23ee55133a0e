export { resolveTemporalServer } from './temporal-binary.js';
export { resolveTestServer } from './test-server-binary.js';
export { startTemporal, type RunningTemporal, type TemporalOptions } from './temporal.js';
export { startPostgres, type RunningPostgres, type PostgresOptions } from './postgres.js';
export { freePorts } from './ports.js';

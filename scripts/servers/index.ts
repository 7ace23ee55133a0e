export { freePorts } from './ports.js';
export { startPostgres } from './postgres.js';
export { startTemporal } from './temporal.js';
export { resolveTemporalServer } from './temporal-binary.js';
export { resolveTestServer } from './test-server-binary.js';

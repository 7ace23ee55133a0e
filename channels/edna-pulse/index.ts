export { createEdnaPulse, type PulseSettings } from './deliver.js';
export { isAuthentic, readWebhook } from './webhook.js';

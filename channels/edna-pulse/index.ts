export { createEdnaPulse, pulseTraits } from './deliver.js';
export { isAuthentic, readWebhook } from './webhook.js';

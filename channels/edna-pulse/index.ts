export { createEdnaPulse, pulseTraits } from './deliver.js';
export { listTemplates } from './templates.js';
export { isAuthentic, readWebhook } from './webhook.js';

export { createEdnaPulse } from './deliver.js';
export { isAuthentic, readWebhook } from './webhook.js';

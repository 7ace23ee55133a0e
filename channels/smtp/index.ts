export { createSmtp } from './deliver.js';
export type { SmtpSettings } from './settings.js';

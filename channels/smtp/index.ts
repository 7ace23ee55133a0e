export { createSmtp, smtpTraits } from './deliver.js';
export type { SmtpSettings } from './settings.js';

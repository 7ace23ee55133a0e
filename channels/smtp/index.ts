export { createSmtp, type SmtpSettings } from './deliver.js';

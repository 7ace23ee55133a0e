export { outgoingSend } from './outgoing-send.js';
export { thread } from './thread.js';

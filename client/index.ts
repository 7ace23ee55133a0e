// The typed client of backend systems: `new ChatCenter({ baseUrl, token }).send(...)`.
export { ChatCenter, type ChatCenterOptions, type SendReply, type ToldEvent } from './chat-center.js';
export { ProblemError } from './problem.js';

/**
 * The command and arguments for spawn(), with a pipe as the fourth entry of stdio and `detached: true`.
 * @param signal what asks the program to stop once its parent has died; default SIGTERM
 */
export function guarded(command: string, args: readonly string[], signal?: NodeJS.Signals): [string, string[]];

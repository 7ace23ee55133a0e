/** What is wrong with this version of Node; undefined when nothing is. */
export function complainAboutNode(version: string, floor?: string): string | undefined;

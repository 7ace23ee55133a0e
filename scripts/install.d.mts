/**
 * Runs `npm ci` unless the installed packages are those of package-lock.json.
 * @param npm the command that stands for npm; default `npm`
 */
export function installLocked(root: string, npm?: string): Promise<void>;

export function isInstalled(root: string): boolean;

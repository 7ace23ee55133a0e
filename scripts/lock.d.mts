export type Lock = { release: () => void; holder?: never } | { release?: never; holder: number };

/** Takes the lock, or says which process holds it. */
export function tryLock(folder: string): Lock;

/** Waits for the lock as long as its holder lives; tells every ten seconds whom it waits for. */
export function waitForLock(folder: string, onWait: (holder: number) => void): Promise<() => void>;

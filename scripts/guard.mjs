// Starts a program that never outlives the process which asked for it, even when that process is killed outright.

/**
 * A shell that leaves a watcher behind and then becomes the program, so pid, signals and exit code are the program's
 * own. The watcher reads a pipe (descriptor 3) that nobody writes to: it ends when our end of it is closed, which the
 * system does for the dead too. Then it asks the program to stop, and after ten seconds kills its process group. The
 * watcher belongs to that group, so the number cannot have been given out again.
 */
const GUARD = `signal=$1 program=$$
shift
{
  read -r nothing <&3
  kill -s "$signal" "$program" || exit 0
  for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -s 0 "$program" || exit 0; done
  kill -s KILL -- "-$program"
} >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

/** Spread it into spawn(), with a pipe as the fourth entry of stdio and `detached: true`. */
export function guarded(command, args, signal = 'SIGTERM') {
  return ['sh', ['-c', GUARD, 'guard', signal.replace('SIG', ''), command, ...args]];
}

/** Takes a line that one of the processes has written. */
export type Log = (source: string, line: string) => void;

const COLOURS = [36, 33, 35, 32, 34, 31]; // ANSI, told apart on dark and light
const WIDTH = 9; // the longest name

/** Lines with the process' name in front, coloured when a person looks on. */
export function prefixedLog(out: NodeJS.WriteStream): Log {
  const coloured = out.isTTY && process.env['NO_COLOR'] === undefined;
  const seen: string[] = [];
  return (source, line) => {
    if (!seen.includes(source)) seen.push(source);
    const name = source.padEnd(WIDTH);
    const colour = COLOURS[seen.indexOf(source) % COLOURS.length];
    out.write(`${coloured ? `\u001b[${colour}m${name}\u001b[0m` : name} | ${line}\n`);
  };
}

import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** What is wrong with this version of Node, by `engines` of package.json; undefined when nothing is. */
export function complainAboutNode(version, floor = manifest.engines.node.replace('>=', '')) {
  const [major, minor] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = floor.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `Node ${floor} or newer is needed, this is ${version}. Install a newer one and run the command again.`;
}

// Which addresses are on the public internet; every other one is somebody's inside (SEC14).
import { BlockList, isIP } from 'node:net';

// IANA's special-purpose registries: whatever is not globally reachable, and multicast.
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // carriers' own
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** All that is given out for the public internet; mapped, local and multicast addresses lie outside of it. */
const PUBLIC_V6 = ['2000::/3'];

// In it, but special: two of them carry an address of IPv4 inside.
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const v4 = { special: listOf('ipv4', NOT_PUBLIC_V4) };
const v6 = { given: listOf('ipv6', PUBLIC_V6), special: listOf('ipv6', NOT_PUBLIC_V6) };

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !v4.special.check(address, 'ipv4');
    case 6:
      return v6.given.check(address, 'ipv6') && !v6.special.check(address, 'ipv6');
    default:
      return false;
  }
}

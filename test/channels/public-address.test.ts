import { expect, it } from 'vitest';
import { isPublicAddress } from '../../channels/public-address.js';

const inside = [
  ['this host', '0.0.0.0', '0.1.2.3', '::'],
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ['link-local, where clouds answer for their secrets', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  ["a carrier's own", '100.64.0.1', '100.127.255.255'],
  ['unique local', 'fc00::1', 'fd12:3456::1'],
  ['site-local', 'fec0::1'],
  ['IPv4 within IPv6', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::7f00:1', '64:ff9b::a00:1', '2002:7f00:1::', '2001::1'],
  ['multicast and broadcast', '224.0.0.1', '255.255.255.255', 'ff02::1'],
  ['for examples and measurements', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1', '3fff::1'],
  ['no address', '', 'localhost', '2130706433', '0x7f.1', '1.2.3', '8.8.8.8 '],
].flatMap(([what, ...addresses]) => addresses.map((address) => ({ what, address })));
it.each(inside)('$address is not public: $what (SEC14)', ({ address }) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each(['8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.1', '172.32.0.1', '223.255.255.255', '2606:4700::1111'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

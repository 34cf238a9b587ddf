/**
 * Addresses that stand for a machine of the internet: not this machine, its network, its cloud's metadata service or a group.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
 */
import { BlockList, isIP } from 'node:net'

const IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local; 169.254.169.254 is the metadata service of most clouds.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, reserved, broadcast.
  ['224.0.0.0', 3],
]

const IPV6: readonly (readonly [string, number])[] = [
  ['::', 127],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  // Unique local; fd00:ec2::254 is the metadata service of AWS.
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
]

const blocked = new BlockList()
for (const [net, bits] of IPV4) {
  // Also checks IPv4-mapped addresses (`::ffff:0:0/96`).
  blocked.addSubnet(net, bits, 'ipv4')
  const [a = 0, b = 0, c = 0, d = 0] = net.split('.').map(Number)
  const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  // What NAT64 and 6to4 lead to, and the IPv4-compatible form.
  blocked.addSubnet(`64:ff9b::${hex}`, 96 + bits, 'ipv6')
  blocked.addSubnet(`2002:${hex}::`, 16 + bits, 'ipv6')
  blocked.addSubnet(`::${hex}`, 96 + bits, 'ipv6')
}
blocked.addSubnet('64:ff9b:1::', 48, 'ipv6')
for (const [net, bits] of IPV6) blocked.addSubnet(net, bits, 'ipv6')

/** False for what is no address. A zone (`fe80::1%eth0`) does not count. */
export function isPublicAddress(address: string): boolean {
  const [plain = ''] = address.split('%')
  const version = isIP(plain)
  if (version === 0) return false
  return !blocked.check(plain, version === 4 ? 'ipv4' : 'ipv6')
}

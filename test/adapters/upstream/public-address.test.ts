import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { ForbiddenAddressError } from '@sluice/adapters/upstream/forbidden-address-error'
import { isPublicAddress } from '@sluice/adapters/upstream/public-address'
import { publicConnector } from '@sluice/adapters/upstream/public-connector'
import { publicLookup } from '@sluice/adapters/upstream/public-lookup'
import { buildConnector } from 'undici'
import { describe, expect, it } from 'vitest'
import { lookupOf } from '../../upstream/lookups.ts'

const PRIVATE = [
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '169.254.170.2',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
]

const PUBLIC = [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '223.255.255.255',
  '::ffff:1.1.1.1',
  '64:ff9b::101:101',
  '2002:101:101::1',
  '2600:1f18::1',
  '2606:4700:4700::1111',
]

describe('an address', () => {
  it.each(PRIVATE)('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(PUBLIC)('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

const ask = (addresses: readonly string[], all: boolean): Promise<unknown> =>
  new Promise((resolve) => {
    const every = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const found = publicLookup((_name, _options, callback) => callback(null, every))
    found('registry.example.com', { all }, (error, address) => resolve(error ?? address))
  })

describe('a look-up', () => {
  it('leaves out what is not public', async () => {
    expect(await ask(['127.0.0.1', '1.1.1.1', 'fd00:ec2::254'], false)).toBe('1.1.1.1')
    expect(await ask(['::1', '1.1.1.1'], true)).toEqual([{ address: '1.1.1.1', family: 4 }])
  })

  it('fails when nothing is left', async () => {
    expect(await ask(['127.0.0.1', '::ffff:7f00:1'], true)).toBeInstanceOf(ForbiddenAddressError)
    expect(await ask([], false)).toBeInstanceOf(ForbiddenAddressError)
  })
})

describe('a connection', () => {
  it('that ends up here is closed before a byte is sent', async () => {
    const received: Buffer[] = []
    let closed: Promise<unknown> | undefined
    const server = createServer((socket) => {
      closed = once(socket, 'close')
      socket.on('data', (piece) => received.push(piece))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    // Whatever the resolver said to those who checked, it says this machine to the socket.
    const connector = publicConnector(buildConnector({ lookup: lookupOf('127.0.0.1') }))
    const options = { hostname: 'registry.example.com', protocol: 'http:', port: String(port) }
    const error = await new Promise((resolve) => {
      connector(options, (...[problem]) => resolve(problem))
    })
    expect(error).toBeInstanceOf(ForbiddenAddressError)
    server.close()
    await closed
    expect(received).toEqual([])
  })
})

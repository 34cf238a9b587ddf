import { isIPv4 } from 'node:net'

/** Whether only this machine reaches who listens there. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'))

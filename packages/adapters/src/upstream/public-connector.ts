import type { buildConnector } from 'undici'
import { ForbiddenAddressError } from './forbidden-address-error.ts'
import { isPublicAddress } from './public-address.ts'

/**
 * The same connector, but a connection that ended up at an address that is not public is closed before a request is sent. The
 * look-up has sorted those out already; this holds for whatever came about without one.
 */
export const publicConnector =
  (connect: buildConnector.connector): buildConnector.connector =>
  (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error) callback(error, null)
      else if (isPublicAddress(socket.remoteAddress ?? '')) callback(null, socket)
      else {
        socket.destroy()
        callback(new ForbiddenAddressError(), null)
      }
    })
  }

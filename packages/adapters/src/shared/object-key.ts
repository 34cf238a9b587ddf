/** Keys are made by this program, never by a client, so a strange one is a mistake in it and is refused as such. */
export const UPLOADS = 'uploads'

const KEY = /^[a-z0-9_-]+(\/[a-z0-9_-]+)*$/

/** An upload's file name holds its whole key, and a file name may have 255 bytes. */
const MAX_KEY_LENGTH = 200

export function checkObjectKey(key: string): void {
  if (!KEY.test(key) || key.length > MAX_KEY_LENGTH || key.split('/')[0] === UPLOADS) {
    throw new TypeError(`"${key}" is no key of an object`)
  }
}

const BLOCK = 512

/** What a tar archive says before a plain file: its name and size, readable by all, of the beginning of time. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, digits: number): void =>
    void header.write(value.toString(8).padStart(digits, '0'), at)
  header.write(name, 0)
  octal(0o644, 100, 7) // mode
  octal(0, 108, 7) // owner
  octal(0, 116, 7) // group
  octal(size, 124, 11)
  octal(0, 136, 11) // time
  header.write('        0', 148) // a blank checksum, and the type of a plain file
  header.write('ustar', 257)
  header.write('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  octal(sum, 148, 6)
  header[154] = 0
  return header
}

/** What follows a file of that size, up to the next one. */
export const tarPadding = (size: number): Buffer => Buffer.alloc(-size & (BLOCK - 1))

export const TAR_END = Buffer.alloc(2 * BLOCK)

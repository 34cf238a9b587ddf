/**
 * What others have written, for a terminal, which would do what some characters tell it: rename itself, move back, write over
 * what was said. Carets stand for them; lines and columns stay.
 */
export const plainText = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (sign) => {
    const code = sign.charCodeAt(0)
    const stays = sign === '\n' || sign === '\t' || code > 0x7f
    return stays ? sign : `^${String.fromCharCode(code ^ 0x40)}`
  })

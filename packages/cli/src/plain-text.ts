/**
 * What others have written, for a terminal, which would do what some characters tell it: rename itself, move back, write over
 * what was said. Carets stand for them; lines and columns stay.
 */
export const plainText = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(
    /[\u0000-\u0008\u000b-\u001f\u007f]/g,
    (sign) => `^${String.fromCharCode(sign.charCodeAt(0) ^ 0x40)}`,
  )

/** `none`: what is said of none. */
export const listed = (texts: readonly string[], none = '<none>'): string =>
  texts.length > 0 ? texts.join(', ') : none

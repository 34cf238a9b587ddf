const SECRET_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

/** The name of a file, or the end of a parameter's: nothing in it leads elsewhere. */
export const isSecretName = (text: string): boolean => SECRET_NAME.test(text)

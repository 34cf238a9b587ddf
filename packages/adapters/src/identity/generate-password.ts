import { randomInt } from 'node:crypto'

/** Without the characters that a reader mistakes for one another: 0 and O, 1 and l and I. */
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const GROUPS = 5
const GROUP_CHARACTERS = 5

const group = (): string =>
  Array.from({ length: GROUP_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** A password of 145 random bits in the form of OpenShift's installer: `xxxxx-xxxxx-xxxxx-xxxxx-xxxxx`. */
export const generatePassword = (): string => Array.from({ length: GROUPS }, group).join('-')

import type { KeyRing, SigningKeys } from '@sluice/adapters/identity/signing-keys'

/** Keys that nobody changes. */
export const ringOf = (keys: SigningKeys): KeyRing => ({ keys: () => keys })

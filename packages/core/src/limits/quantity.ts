/**
 * Kubernetes' quantities: `1Gi`, `200Mi`, `1.5G`, `30`.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,3}))?$/

/** Of ten and of two: each is exact in its own way. */
const EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const BINARY: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** `undefined` of what is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, suffix = '', exponent] = QUANTITY.exec(text) ?? []
  if (digits === undefined) return undefined
  const binary = BINARY[suffix]
  return binary === undefined
    ? Number(`${digits}e${exponent ?? EXPONENTS[suffix] ?? 0}`)
    : Number(digits) * binary
}

/** Bytes in the largest binary unit that leaves no fraction. */
export function quantityText(bytes: number): string {
  for (const unit of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const whole = bytes / BINARY[unit]!
    if (whole > 0 && Number.isInteger(whole)) return `${whole}${unit}`
  }
  return String(bytes)
}

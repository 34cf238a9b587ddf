/**
 * Kubernetes' quantities: `1Gi`, `200Mi`, `1.5G`, `30`.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,3}))?$/

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** Rounded up, as Kubernetes does where it counts whole things; `undefined` of what is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, suffix, exponent] = QUANTITY.exec(text) ?? []
  if (digits === undefined) return undefined
  const factor = exponent === undefined ? FACTORS[suffix ?? ''] : 10 ** Number(exponent)
  return Math.ceil(Number(digits) * (factor ?? 1))
}

/** Bytes in the largest binary unit that leaves no fraction. */
export function quantityText(bytes: number): string {
  for (const unit of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const whole = bytes / FACTORS[unit]!
    if (whole > 0 && Number.isInteger(whole)) return `${whole}${unit}`
  }
  return String(bytes)
}

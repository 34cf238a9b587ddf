/** A duration as Go writes it (`1.5s`, `74.275µs`), to the nanosecond. https://pkg.go.dev/time#Duration.String */
export function goDuration(milliseconds: number): string {
  const nanoseconds = Math.max(0, Math.round(milliseconds * 1e6))
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 1e3) return `${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${inThousands(nanoseconds)}µs`
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`
  const seconds = (nanoseconds % 60e9) / 1e9
  const minutes = Math.floor(nanoseconds / 60e9)
  if (minutes === 0) return `${seconds}s`
  return minutes < 60
    ? `${minutes}m${seconds}s`
    : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}s`
}

/** What JavaScript writes of a thousandth of it, which a machine does far more slowly than whole numbers. */
function inThousands(whole: number): string {
  const rest = whole % 1000
  const thousands = (whole - rest) / 1000
  return rest === 0 ? `${thousands}` : `${thousands}${FRACTIONS[rest]}`
}

/** `.001` to `.999`, without zeros at the end. */
const FRACTIONS = Array.from({ length: 1000 }, (_, rest) => `${rest / 1000}`.slice(1))

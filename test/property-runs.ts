/** How often a property is tried: so often that `npm test` stays short, or more where SLUICE_PROPERTY_RUNS says so. */
export function propertyRuns(fixed: number): { readonly numRuns: number } {
  const asked = Number(process.env['SLUICE_PROPERTY_RUNS'] ?? 0)
  return { numRuns: Math.max(fixed, Number.isSafeInteger(asked) ? asked : 0) }
}

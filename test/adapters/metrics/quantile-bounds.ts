/** OpenShift's: how far the rank of an answer may be from the rank that was asked for. */
export const QUANTILE_BOUNDS = [
  [0.5, 0.05],
  [0.9, 0.01],
  [0.99, 0.001],
] as const

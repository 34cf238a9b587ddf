/** As `infra/gateway.ts` has it. */
export const METRICS_ROUTE = '/extensions/v2/metrics'

/** Of what the doors tell CloudWatch: the stages of one account do not mix. */
export const metricsNamespace = (): string => `${$app.name}/${$app.stage}`

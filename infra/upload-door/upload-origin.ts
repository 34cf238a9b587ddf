/** How CloudFront reaches the upload door, and how one sees that it is unwell. */
export interface UploadOrigin {
  /** All of CloudFront's origin but its name and the secret. */
  readonly origin: Omit<aws.types.input.cloudfront.DistributionOrigin, 'originId' | 'customHeaders'>
  /** What is unwell while the metric alarms, in words. */
  readonly unwell: string
  readonly health: Metric
  /** Its name, known once the group is there. */
  readonly logGroup: $util.Input<string>
}

/** What an alarm watches. */
export interface Metric {
  readonly namespace: string
  readonly metricName: string
  readonly dimensions: Record<string, $util.Input<string>>
  readonly statistic: 'Sum' | 'Maximum' | 'Minimum'
  readonly threshold: number
  readonly comparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold'
  readonly treatMissingData: 'notBreaching' | 'breaching'
}

/** Seconds that CloudFront waits for the first byte of an answer, which comes when the whole body is stored; 60 without asking AWS for more. */
export const ORIGIN_READ_TIMEOUT = 60

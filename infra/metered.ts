/**
 * The lines that carry what a door has counted, and no other.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export const METERED = '{ $.meter.sequence > 0 }'

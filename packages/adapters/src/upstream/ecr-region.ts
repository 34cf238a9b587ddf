/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/registries.html, with the hosts of IPv6, FIPS and China. */
const HOST =
  /^\d{12}\.dkr(?:\.ecr|-ecr)(?:-fips)?\.([a-z0-9-]{1,40})\.(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))$/

/** The region of a private ECR registry; `undefined` of all other hosts. */
export const ecrRegion = (hostname: string): string | undefined => HOST.exec(hostname)?.[1]

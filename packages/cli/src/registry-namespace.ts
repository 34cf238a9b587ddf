/** OpenShift's project of the registry itself: what it consists of is there, and nowhere else. */
export const REGISTRY_NAMESPACE = 'openshift-image-registry'

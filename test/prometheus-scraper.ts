/** The ClusterRole of OpenShift's chapter on access that reads metrics, as its reader writes it. */
export const SCRAPER = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: prometheus-scraper
rules:
- apiGroups:
  - image.openshift.io
  resources:
  - registry/metrics
  verbs:
  - get
`

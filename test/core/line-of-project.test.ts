import { lineOfProject } from '@sluice/core/services/line-of-project'
import { expect, it } from 'vitest'

it.each([
  'msg=response http.request.uri=/v2/team/app/manifests/v1',
  'msg="authorized request" vars.name=team/app vars.reference=v1',
  '{"msg":"authorized request","vars.name":"team/app"}',
  'http.request.uri="/token?scope=repository%3Ateam%2Fapp%3Apull"',
  'http.request.uri="/token?scope=repository:team/app:pull"',
  'http.request.uri=/api/v1/namespaces/team/serviceaccounts',
  'http.request.uri=/apis/project.openshift.io/v1/projects/team http.response.status=200',
  'msg="a blob did not come" repository=team/app',
])('is about the project: %s', (line) => {
  expect(lineOfProject('team')(line)).toBe(true)
  expect(lineOfProject('tea')(line)).toBe(false)
  expect(lineOfProject('eam')(line)).toBe(false)
})

it.each([
  'http.request.uri=/v2/other/team/manifests/v1',
  'http.request.uri=/v2/team-x/app/manifests/v1',
  'http.request.uri=/apis/project.openshift.io/v1/projects/team.x',
  'openshift.auth.user=team',
])('is not: %s', (line) => {
  expect(lineOfProject('team')(line)).toBe(false)
})

import { mirrorLines } from '@sluice/server/mirror-lines'
import { expect, it } from 'vitest'

it('says how podman, docker and containerd pull through', () => {
  const upstreams = ['docker.io', 'quay.io']
  const lines = { host: '127.0.0.1:5000', secure: false, upstreams, root: 'docker.io' }
  expect(mirrorLines(lines)).toBe(`Pull docker.io, quay.io through it, each under its name:
  podman pull 127.0.0.1:5000/docker.io/library/alpine --tls-verify=false
or have clients do so by themselves. podman, in /etc/containers/registries.conf.d/sluice.conf:
  [[registry]]
  location = "docker.io"
  [[registry.mirror]]
  location = "127.0.0.1:5000/docker.io"
  insecure = true
docker, in /etc/docker/daemon.json:
  { "registry-mirrors": ["http://127.0.0.1:5000"] }
containerd, for every registry, in /etc/containerd/certs.d/_default/hosts.toml:
  [host."http://127.0.0.1:5000"]
    capabilities = ["pull", "resolve"]
`)
})

it('says nothing of docker where another registry is at the root, and nothing at all without any', () => {
  const upstreams = ['ghcr.io']
  const lines = { host: 'r.example', secure: true, upstreams, root: 'ghcr.io' }
  expect(mirrorLines(lines)).not.toContain('docker')
  expect(mirrorLines(lines)).not.toContain('insecure')
  expect(mirrorLines({ ...lines, upstreams: [] })).toBe('')
})

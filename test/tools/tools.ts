/**
 * Every foreign program that the proofs run, in one table. Versions are exact where a proof's figures depend on them; what Debian
 * ships is taken as it is.
 */

interface GoTool {
  readonly kind: 'go'
  readonly package: string
  readonly version: string
}

/** What does not install by itself: a module of ours, in a folder of the tool's name beside this file, that builds it. */
interface GoModule {
  readonly kind: 'go-module'
  /** Of what the module builds. */
  readonly version: string
  readonly program: string
  /** Set when it is linked. */
  readonly variables: Readonly<Record<string, string>>
}

interface DebianTool {
  readonly kind: 'debian'
  /** What is run, by absolute path: another program of the same name may stand earlier on the PATH. */
  readonly path: string
  /** All that the program needs at run time, since recommended packages are left out. */
  readonly packages: readonly string[]
  /** What the packages would leave running or start at the next boot. */
  readonly services?: readonly string[]
}

interface MavenTool {
  readonly kind: 'maven'
  readonly group: string
  readonly artifact: string
  readonly version: string
}

interface MavenArchive {
  readonly kind: 'maven-archive'
  readonly group: string
  readonly artifact: string
  readonly version: string
  /** Within the archive; what a caller gives to Java. */
  readonly file: string
  /** What its users run once, after unpacking. */
  readonly prepare: { readonly file: string; readonly args: readonly string[] }
}

interface PypiTool {
  readonly kind: 'pypi'
  readonly package: string
  readonly version: string
  readonly program: string
}

interface NpmTool {
  readonly kind: 'npm'
  readonly package: string
  readonly version: string
  /** Within the package; what a caller gives to Node. */
  readonly file: string
  readonly compilers: readonly { readonly program: string; readonly package: string }[]
}

export type Tool = GoTool | GoModule | DebianTool | MavenTool | MavenArchive | PypiTool | NpmTool

const containersPackages = ['crun', 'netavark', 'uidmap', 'fuse-overlayfs', 'ca-certificates']

export const TOOLS = {
  conformance: {
    kind: 'go',
    package: 'github.com/opencontainers/distribution-spec/conformance',
    version: 'v0.0.0-20260831232431-97274622c111',
  },
  crane: {
    kind: 'go',
    package: 'github.com/google/go-containerregistry/cmd/crane',
    version: 'v0.22.1',
  },
  oras: { kind: 'go', package: 'oras.land/oras/cmd/oras', version: 'v1.3.6' },
  regctl: { kind: 'go', package: 'github.com/regclient/regclient/cmd/regctl', version: 'v0.11.7' },
  registry: {
    kind: 'go',
    package: 'github.com/distribution/distribution/v3/cmd/registry',
    version: 'v3.1.1',
  },

  versitygw: {
    kind: 'go',
    package: 'github.com/versity/versitygw/cmd/versitygw',
    version: 'v1.8.0',
  },
  'dynamodb-local': {
    kind: 'maven',
    group: 'software.amazon.dynamodb',
    artifact: 'DynamoDBLocal',
    version: '3.3.1',
  },
  keycloak: {
    kind: 'maven-archive',
    group: 'org.keycloak',
    artifact: 'keycloak-quarkus-dist',
    version: '26.7.3',
    file: 'keycloak-26.7.3/lib/quarkus-run.jar',
    // Half a minute of every start otherwise.
    prepare: { file: 'keycloak-26.7.3/bin/kc.sh', args: ['build', '--db=dev-mem'] },
  },
  moto: { kind: 'pypi', package: 'moto[server]', version: '5.2.5', program: 'moto_server' },
  'aws-lambda-ric': {
    kind: 'npm',
    package: 'aws-lambda-ric',
    version: '4.0.2',
    file: 'index.mjs',
    compilers: [
      { program: 'cmake', package: 'cmake' },
      { program: 'g++', package: 'g++' },
      { program: 'make', package: 'make' },
      { program: 'autoconf', package: 'autoconf' },
      { program: 'automake', package: 'automake' },
      { program: 'libtoolize', package: 'libtool' },
      { program: 'unzip', package: 'unzip' },
    ],
  },

  kubectl: { kind: 'debian', path: '/usr/bin/kubectl', packages: ['kubernetes-client'] },
  'kubectl-current': {
    kind: 'go-module',
    version: 'v1.34.1',
    program: 'kubectl',
    variables: {
      'k8s.io/component-base/version.gitVersion': 'v1.34.1',
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': '34',
    },
  },
  podman: { kind: 'debian', path: '/usr/bin/podman', packages: ['podman', ...containersPackages] },
  buildah: {
    kind: 'debian',
    path: '/usr/bin/buildah',
    packages: ['buildah', ...containersPackages],
  },
  skopeo: { kind: 'debian', path: '/usr/bin/skopeo', packages: ['skopeo', 'ca-certificates'] },
  containerd: {
    kind: 'debian',
    path: '/usr/bin/containerd',
    packages: ['containerd', 'runc', 'ca-certificates'],
    services: ['containerd'],
  },
  ctr: { kind: 'debian', path: '/usr/bin/ctr', packages: ['containerd'], services: ['containerd'] },
  docker: {
    kind: 'debian',
    path: '/usr/bin/docker',
    packages: ['docker.io'],
    services: ['docker.socket', 'docker', 'containerd'],
  },
  dockerd: {
    kind: 'debian',
    path: '/usr/sbin/dockerd',
    packages: ['docker.io', 'containerd', 'runc', 'iptables', 'ca-certificates'],
    services: ['docker.socket', 'docker', 'containerd'],
  },
  'docker-registry': {
    kind: 'debian',
    path: '/usr/bin/docker-registry',
    packages: ['docker-registry'],
    services: ['docker-registry'],
  },
  prometheus: {
    kind: 'debian',
    path: '/usr/bin/prometheus',
    packages: ['prometheus'],
    services: ['prometheus', 'prometheus-node-exporter'],
  },
  promtool: {
    kind: 'debian',
    path: '/usr/bin/promtool',
    packages: ['prometheus'],
    services: ['prometheus', 'prometheus-node-exporter'],
  },
  strace: { kind: 'debian', path: '/usr/bin/strace', packages: ['strace'] },
  script: { kind: 'debian', path: '/usr/bin/script', packages: ['bsdutils'] },
  wrk: { kind: 'debian', path: '/usr/bin/wrk', packages: ['wrk'] },
  openssl: { kind: 'debian', path: '/usr/bin/openssl', packages: ['openssl'] },
} as const satisfies Record<string, Tool>

export type ToolName = keyof typeof TOOLS

export const isToolName = (name: string): name is ToolName => Object.hasOwn(TOOLS, name)

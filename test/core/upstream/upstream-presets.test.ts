import { UPSTREAM_PRESETS } from '@sluice/core/upstream/upstream-presets'
import { expect, it } from 'vitest'

it('knows the registries that everybody pulls from by their own addresses', () => {
  const known = Object.entries(UPSTREAM_PRESETS).map(
    ([name, { urls, defaultPrefix, aliases }]) => ({
      name,
      urls,
      ...(defaultPrefix !== undefined && { defaultPrefix }),
      ...(aliases.length > 0 && { aliases }),
    }),
  )
  expect(known).toEqual([
    {
      name: 'docker.io',
      urls: ['https://registry-1.docker.io'],
      defaultPrefix: 'library',
      aliases: ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'],
    },
    { name: 'quay.io', urls: ['https://quay.io'] },
    { name: 'ghcr.io', urls: ['https://ghcr.io'] },
    { name: 'registry.k8s.io', urls: ['https://registry.k8s.io'], aliases: ['k8s.gcr.io'] },
    { name: 'gcr.io', urls: ['https://gcr.io'] },
    { name: 'public.ecr.aws', urls: ['https://public.ecr.aws'] },
    { name: 'mcr.microsoft.com', urls: ['https://mcr.microsoft.com'] },
  ])
  for (const { insecure, privateAddresses, credentials } of Object.values(UPSTREAM_PRESETS)) {
    expect({ insecure, privateAddresses, credentials }).toEqual({
      insecure: false,
      privateAddresses: false,
      credentials: undefined,
    })
  }
})

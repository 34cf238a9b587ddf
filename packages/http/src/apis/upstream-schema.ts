/** The fields of an upstream, beside its metadata (`core/upstream/upstream-settings.ts`). */
import {
  described,
  listOfObjects,
  NUMBER,
  objectOf,
  TEXT,
  TEXTS,
  TRUTH,
  wholeSchema,
} from './schema.ts'

const SECONDS = NUMBER

export const UPSTREAM = wholeSchema('Another registry that is read through.', {
  properties: {
    spec: described(
      'What is left out is as in the preset of the name, else as in every upstream.',
      objectOf({
        urls: described('https://host[:port] of the registry, then of its mirrors.', TEXTS),
        aliases: described('Other host names of it, as clients say them in ?ns=.', TEXTS),
        defaultPrefix: described('Set before names of one component: library of Docker Hub.', TEXT),
        credentials: objectOf({
          type: described('basic, bearer, ecr or gar.', TEXT),
          secretName: described(
            "Of the secret that holds <user>:<password>, the token, or the key of Google's account.",
            TEXT,
          ),
        }),
        realmHosts: described('Hosts of a token service outside its domain.', TEXTS),
        missPolicy: described('stream, redirect or wait.', TEXT),
        tagAges: described(
          'How long a tag is believed: by the first pattern that matches it.',
          listOfObjects({ pattern: TEXT, seconds: SECONDS }),
        ),
        revalidate: described('Asks about a stale tag first, or behind the answer.', TEXT),
        staleIfError: described('Seconds that a tag is served beyond its age.', SECONDS),
        negativeAges: described(
          'Seconds that it is believed not to have something.',
          objectOf({ tag: SECONDS, digest: SECONDS, refused: SECONDS }),
        ),
        allow: described('Patterns of repositories; none allows all.', TEXTS),
        deny: described('Patterns of repositories; they win.', TEXTS),
        concurrency: described('Transfers of blobs at once, of one process.', NUMBER),
        minimumTagAge: described('Seconds before a moved tag is followed.', SECONDS),
        evictAfter: described('Seconds that what nobody pulls is kept; 0 for ever.', SECONDS),
        maxBytes: described('Of all blobs of the cache; 0 for no limit.', NUMBER),
        certificateAuthority: described("PEM, instead of the system's authorities.", TEXT),
        insecure: described('http, or certificates of anybody.', TRUTH),
        privateAddresses: described('Private, loopback and link-local addresses.', TRUTH),
        proxy: described('http://host:port through which it is reached.', TEXT),
      }),
    ),
  },
  required: ['spec'],
})

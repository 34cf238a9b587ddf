/** What a project's LimitRange says, as OpenShift has it: the most that one image, or one image stream, may come to. */

export const IMAGE_LIMIT = 'openshift.io/Image'
export const STREAM_LIMIT = 'openshift.io/ImageStream'
export const STORAGE = 'storage'
export const IMAGES = 'openshift.io/images'
export const IMAGE_TAGS = 'openshift.io/image-tags'

/** What each type of limit may name. */
export const LIMITED: Readonly<Record<string, readonly string[]>> = {
  [IMAGE_LIMIT]: [STORAGE],
  [STREAM_LIMIT]: [IMAGES, IMAGE_TAGS],
}

/** Quantities, as their author wrote them. */
export type Quantities = Readonly<Record<string, string>>

export interface LimitRangeContent {
  readonly limits: readonly { readonly type: string; readonly max: Quantities }[]
}

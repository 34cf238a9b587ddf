/**
 * Of Node in every door, function or container. By its own measure V8 lets 100 MB of garbage lie about in a door, and
 * has four threads collect it, which on a layer's way take nearly as much processor time as the layer; one does as well.
 */
export const NODE_OPTIONS = '--max-semi-space-size=1 --v8-pool-size=1'

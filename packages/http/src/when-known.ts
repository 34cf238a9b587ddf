/**
 * Goes on with what is there at once, and waits only for what is not: a manifest that is remembered is answered without one
 * turn of the queue of microtasks, which together cost as much as the rest of finding it.
 */
export const whenKnown = <T, R>(
  value: T | Promise<T>,
  goOn: (value: T) => R | Promise<R>,
): R | Promise<R> => (value instanceof Promise ? value.then(goOn) : goOn(value))

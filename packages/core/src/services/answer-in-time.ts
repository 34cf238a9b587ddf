/** A part that has not answered by then does not work. */
const WITHIN_MS = 5000

/** Rejects where nothing comes in time: whoever asks how something is must not hang with it. */
export async function answerInTime<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const silence = new Error(`no answer within ${WITHIN_MS / 1000} s`)
    timer = setTimeout(() => reject(silence), WITHIN_MS)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

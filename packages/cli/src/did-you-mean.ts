/** What somebody may have meant who wrote `text`, as commander has it for commands: near enough, or nothing. */
import { closest, distance } from 'fastest-levenshtein'

/** Of letters; and no more than four in ten. */
const MOST_EDITS = 3

/** A line to put behind the error, or `''`. */
export function didYouMean(text: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const found = closest(text, [...known])
  const edits = distance(text, found)
  const near = edits <= MOST_EDITS && edits <= 0.4 * Math.max(text.length, found.length)
  return near ? `\n(Did you mean ${found}?)` : ''
}

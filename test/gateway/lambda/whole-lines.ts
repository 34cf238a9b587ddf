/** Puts lines together of the pieces in which a pipe gives them; what follows the last end of a line waits for its own. */
export function wholeLines(onLine: (line: string) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  }
}

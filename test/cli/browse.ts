/** What a person does in a browser at an identity provider: follows redirects, keeps cookies, fills in each form and sends it. */

interface Form {
  readonly action: string
  readonly fields: URLSearchParams
}

const STEPS = 30

/** Resolves to the last page, which has no form; `user`: the name that is typed. */
export async function browse(start: string, user: string): Promise<string> {
  const cookies = new Map<string, string>()
  let at = new URL(start)
  let sent: URLSearchParams | undefined
  for (let step = 0; step < STEPS; step++) {
    const answer = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(sent && { method: 'POST', body: sent }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const page = await answer.text()
    const to = answer.headers.get('location')
    const form = to === null ? formOf(page, user) : undefined
    if (to === null && !form) return page
    at = new URL(to ?? form!.action, at)
    sent = form?.fields
  }
  throw new Error(`${start} leads nowhere`)
}

function formOf(page: string, user: string): Form | undefined {
  const action = /<form[^>]* action="([^"]*)"/.exec(page)?.[1]
  if (action === undefined) return undefined
  const fields = new URLSearchParams()
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1]
    const value = /value="([^"]*)"/.exec(input)?.[1]
    if (name !== undefined) fields.set(name, value ?? user)
  }
  return { action, fields }
}

/**
 * What opens an engine beside its address: a key, or what the owner wrote into the address itself (`user:password@`,
 * `?token=…`). It is sent with every request, and stands in no name, status, log or error: those have the address
 * without it.
 */

export interface EngineAccess {
  readonly headers: Readonly<Record<string, string>>
  /** Parameters for every request, such as `token=abc`; '' for none. */
  readonly search: string
}

export interface SplitAddress {
  /** Without credentials, parameters and slashes at its end. */
  readonly url: string
  readonly access: EngineAccess
}

/**
 * Splits an engine's address from what opens it. A key goes before a password. A text that is no address is left as it
 * is.
 */
export function splitAddress({ url, apiKey }: { readonly url: string; readonly apiKey?: string }): SplitAddress {
  const key = apiKey === undefined ? undefined : `Bearer ${apiKey}`
  if (!URL.canParse(url)) return { url, access: { headers: headersOf(key), search: '' } }
  const parsed = new URL(url)
  const password = parsed.username === '' && parsed.password === '' ? undefined : basic(parsed)
  return {
    url: shownAddress(url),
    access: { headers: headersOf(key ?? password), search: parsed.search.slice(1) },
  }
}

/** The address as people may see it. A text that is no address is told as it is, unless it seems to hold a password. */
export function shownAddress(url: string): string {
  if (/^file:/i.test(url)) return url
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return url.includes('@') ? 'the address' : url
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`.replace(/\/+$/, '')
}

function headersOf(authorization: string | undefined): Readonly<Record<string, string>> {
  return authorization === undefined ? {} : { authorization }
}

function basic({ username, password }: URL): string {
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}

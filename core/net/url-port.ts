/** The port of an address: URLs leave out the usual one of their scheme. Pure. */

const USUAL: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** @throws TypeError for what is no URL. */
export function portOf(address: string): number {
  const { port, protocol } = new URL(address)
  return port === '' ? (USUAL[protocol] ?? 0) : Number(port)
}

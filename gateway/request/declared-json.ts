/**
 * Which bodies count as JSON. Declared as JSON they always do: a page of another origin cannot send that without asking
 * first. Undeclared, as `curl -d` and small scripts send them, they do where no browser can have been tricked: each
 * browser names itself, and tells the origin of a page or its site.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { HttpRefusal } from './errors.ts'

const DECLARED = /^(?:application|text)\/(?:[\w.-]+\+)?json$/

/** What pages may send without asking: by a form, an image, a beacon. Nothing at all is the empty text. */
const UNDECLARED: ReadonlySet<string> = new Set(['', 'text/plain', 'application/x-www-form-urlencoded'])

const BROWSER_HEADERS = ['origin', 'referer', 'cookie', 'sec-fetch-site', 'sec-fetch-mode'] as const

/** Throws 415 for a body that is not to be read as JSON. */
export function assertJson(headers: IncomingHttpHeaders): void {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (DECLARED.test(type) || (UNDECLARED.has(type) && !isOfBrowser(headers))) return
  throw new HttpRefusal('BAD_REQUEST', 'the body is not declared as JSON', {
    status: 415,
    fix: 'send content-type: application/json',
    headers: { accept: 'application/json' },
  })
}

function isOfBrowser(headers: IncomingHttpHeaders): boolean {
  if (BROWSER_HEADERS.some((name) => headers[name] !== undefined)) return true
  return headers['user-agent']?.startsWith('Mozilla/') === true
}

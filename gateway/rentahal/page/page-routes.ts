/**
 * A static page for browsers, such as RENT-A-HAL's own: at `/rentahal/`, its `/static/` too, and at `/` where the owner
 * asks for it. It needs no key; what it asks then does.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PageFolder } from './page-folder.ts'

/** The page of a gateway. */
export interface PageInit {
  readonly folder: PageFolder
  /** Whether browsers get it at `/` too. */
  readonly root: boolean
}

/** Where the page is. */
const AT = '/rentahal/'

/** Where RENT-A-HAL's page has its scripts and pictures, whatever its own address is. */
const STATIC = '/static/'

/**
 * A page of others runs the scripts that it brings, in line and from elsewhere. It is framed by itself alone, and takes
 * no other base.
 */
export const FOREIGN_PAGE_POLICY = "base-uri 'self'; object-src 'none'; frame-ancestors 'self'"

/** Registers the paths on the whole `app`. */
export function pageRoutes(app: FastifyInstance, folder: PageFolder): void {
  app.get(AT.slice(0, -1), async (request, reply) => {
    // Only behind the slash do the page's own relative addresses lead into the folder.
    if (!pathOf(request).endsWith('/')) return reply.redirect(AT, 308)
    return await sendPage(folder, request, reply)
  })
  app.get(`${AT}*`, (request, reply) => sendFile(folder, request, reply, [pathOf(request).slice(AT.length)]))
  app.get(`${STATIC}*`, (request, reply) => {
    const path = pathOf(request).slice(STATIC.length)
    return sendFile(folder, request, reply, [`static/${path}`, path])
  })
}

/** The page itself, whatever the path. */
export function sendPage(folder: PageFolder, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return sendFile(folder, request, reply, [''])
}

/** The first of the files that there is. */
async function sendFile(
  folder: PageFolder,
  request: FastifyRequest,
  reply: FastifyReply,
  paths: readonly string[],
): Promise<FastifyReply> {
  for (const path of paths) {
    const file = await folder.answer(request.raw, path)
    if (file === undefined) continue
    return reply
      .code(file.statusCode)
      .headers(withUsualType(file.headers))
      .header('content-security-policy', FOREIGN_PAGE_POLICY)
      .header('referrer-policy', 'same-origin')
      .header('x-content-type-options', 'nosniff')
      .send(file.stream)
  }
  return reply.code(404).send({ detail: 'File not found' })
}

/** Scripts by the type that RFC 9239 has for them: the library's table is older. Some of its values are numbers. */
function withUsualType(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const plain = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  return Object.fromEntries(
    plain.map(([name, value]) => [name, value.replace(/^application\/javascript/, 'text/javascript')]),
  )
}

/** As the client wrote it: the routes know it without its last slash. */
function pathOf(request: FastifyRequest): string {
  return (request.originalUrl.split('?')[0] ?? '').replaceAll(/\/{2,}/g, '/')
}

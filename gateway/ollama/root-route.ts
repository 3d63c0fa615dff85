/**
 * `GET /`, which needs no key: programs for Ollama look there for three words. A person who opens the address in a
 * browser reads where programs go instead.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Sends a browser what the owner wants it to see. */
export type SendToBrowser = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

const FOR_PROGRAMS = 'Ollama is running'

function forPeople(origin: string): string {
  return `realmesh is running. Programs for OpenAI's API take ${origin}/v1 as their base address, those for Anthropic's or Ollama's ${origin}.\n`
}

/** Registers the path on the whole `app`. `page`: for browsers. @default a line of text */
export function rootRoute(app: FastifyInstance, page?: SendToBrowser): void {
  app.get('/', (request: FastifyRequest, reply: FastifyReply) => {
    const isBrowser = (request.headers.accept ?? '').includes('text/html')
    reply.header('vary', 'accept')
    if (isBrowser && page !== undefined) return page(request, reply)
    const text = isBrowser ? forPeople(request.realmeshOrigin) : FOR_PROGRAMS
    return reply.header('content-type', 'text/plain; charset=utf-8').send(text)
  })
}

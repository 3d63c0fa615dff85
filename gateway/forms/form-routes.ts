/**
 * Which paths take a form with a file: those that say so where they are registered, by
 * `{ config: { form: { maxFileBytes } } }`. What all clients have sent and nobody has answered yet is bounded together.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { assertJson } from '../request/declared-json.ts'
import { MAX_HELD_FORM_BYTES } from '../request/limits.ts'
import { FormBody, type FormBounds, noForm, readForm } from './form-body.ts'

/** When room may be there again: a recording is written down in seconds. */
const HELD_RETRY_MS = 5_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The path takes a form with a file of this size at most. */
    form?: Pick<FormBounds, 'maxFileBytes' | 'maxFiles'>
  }
}

export interface FormsInit {
  /** Bytes of all files that are held at once. @default MAX_HELD_FORM_BYTES */
  readonly maxHeldBytes?: number
}

/**
 * Reads forms where a path takes them, unless its handler reads them itself; elsewhere such a body is refused as one
 * that is no JSON.
 */
export function parseForms(app: FastifyInstance, { maxHeldBytes = MAX_HELD_FORM_BYTES }: FormsInit = {}): void {
  const held = new HeldForms(maxHeldBytes)
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.form !== undefined) reply.raw.once('close', () => held.release(request))
    done()
  })
  app.addContentTypeParser(/^multipart\/form-data/i, async (request: FastifyRequest): Promise<FormBody | undefined> => {
    const { form, readsBody } = request.routeOptions.config
    if (request.is404 || readsBody === true) return undefined
    if (form === undefined) assertJson(request.headers)
    return await readForm(request.raw, {
      ...(form ?? { maxFileBytes: 0 }),
      take: (bytes) => held.take(request, bytes),
    })
  })
}

/** The form that `request` brought. Throws 415 for another body. */
export function formOf(request: FastifyRequest): FormBody {
  if (!(request.body instanceof FormBody)) throw noForm()
  return request.body
}

/** What is held until it is answered, or its client is gone. */
class HeldForms {
  readonly #most: number
  readonly #of = new WeakMap<FastifyRequest, number>()
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  take(request: FastifyRequest, bytes: number): void {
    if (this.#bytes + bytes > this.#most) throw noRoom()
    this.#bytes += bytes
    this.#of.set(request, (this.#of.get(request) ?? 0) + bytes)
  }

  release(request: FastifyRequest): void {
    this.#bytes -= this.#of.get(request) ?? 0
    this.#of.delete(request)
  }
}

function noRoom(): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', 'this node holds as many uploads as it can', {
    fix: 'send it again in a moment',
    retryAfterMs: HELD_RETRY_MS,
  })
}

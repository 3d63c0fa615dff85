/** What Ollama's API does to the models of a machine: refused before a body is read, with a sentence that helps. */
import type { FastifyInstance, HTTPMethods } from 'fastify'
import { HttpRefusal } from '../request/errors.ts'

interface RefusedRow {
  readonly method: HTTPMethods
  readonly path: string
  readonly message: string
  readonly fix: string
}

const AT_THE_RIG = 'at the machine whose Ollama is to have it: realmesh finds it there by itself, within a minute'
const OWN = 'the models of a rig are its own business'

const REFUSED: readonly RefusedRow[] = [
  {
    method: 'POST',
    path: '/pull',
    message: `nothing is pulled through the mesh: ${OWN}`,
    fix: `take a name that GET /api/tags lists, or run "ollama pull" ${AT_THE_RIG}`,
  },
  {
    method: 'POST',
    path: '/push',
    message: `nothing is pushed through the mesh: ${OWN}`,
    fix: 'run "ollama push" at the machine that has the model',
  },
  {
    method: 'POST',
    path: '/create',
    message: `no model is created through the mesh: ${OWN}`,
    fix: `run "ollama create" ${AT_THE_RIG}`,
  },
  {
    method: 'POST',
    path: '/copy',
    message: `no model is copied through the mesh: ${OWN}`,
    fix: 'run "ollama cp" at the machine that has the model, or give it another name here: "aliases" in realms.yml',
  },
  {
    method: 'DELETE',
    path: '/delete',
    message: `no model is deleted through the mesh: ${OWN}`,
    fix: 'run "ollama rm" at the machine that has the model',
  },
  ...(['POST', 'HEAD', 'GET'] as const).map((method) => ({
    method,
    path: '/blobs/:digest',
    message: 'no files are kept here',
    fix: `run "ollama create" ${AT_THE_RIG}`,
  })),
]

/** Registers them on `app`, whose prefix is `/api`, behind its check of keys. */
export function refusedRoutes(app: FastifyInstance): void {
  for (const { method, path, message, fix } of REFUSED) {
    const refusal = new HttpRefusal('CAPABILITY_MISSING', message, { status: 501, fix })
    app.route({
      method,
      url: path,
      onRequest: (_request, _reply, done) => done(refusal),
      handler: () => {
        throw refusal
      },
    })
  }
}

/**
 * What belongs to a node of a topology and must stand in its namespace: its engine, and a way to its gateway, as a
 * socket in the file system, which is seen from every namespace. Told what to do over IPC; ends with its parent.
 */
import { connect, createServer } from 'node:net'
import process from 'node:process'
import type { EnginePlan } from '../topology/topology-schema.ts'
import type { EngineManners, EngineRun } from './simulated-ollama.ts'
import { SimulatedOllama } from './simulated-ollama.ts'

/** What it is told. */
export type RoomOrder =
  | { readonly do: 'engine'; readonly plan: EnginePlan; readonly extra: readonly string[] }
  | { readonly do: 'gateway'; readonly port: number; readonly path: string }
  | { readonly do: 'behave'; readonly manners: EngineManners }
  | { readonly do: 'journal' }

/** What it answers, once for each order. */
export interface RoomAnswer {
  readonly url?: string
  readonly journal?: readonly EngineRun[]
}

let engine: SimulatedOllama | undefined
let port = 0
let listening = false

process.on('message', (order: RoomOrder) => {
  follow(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit(0))
process.send?.({})

async function follow(order: RoomOrder): Promise<RoomAnswer> {
  switch (order.do) {
    case 'engine':
      engine = new SimulatedOllama(order.plan, order.extra)
      return { url: await engine.start() }
    case 'gateway':
      port = order.port
      if (!listening) await lead(order.path)
      listening = true
      return {}
    case 'behave':
      engine?.behave(order.manners)
      return {}
    case 'journal':
      return { journal: engine?.journal ?? [] }
  }
}

/** Leads connections at the path to the gateway's port of the moment. */
function lead(path: string): Promise<void> {
  const server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1')
    incoming.pipe(outgoing).pipe(incoming)
    incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy())
  })
  return new Promise((resolve) => server.listen(path, resolve))
}

/** One call of a tool: hands its query to the node, and tells the client how it goes. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../../core/defined.ts'
import type { EndEvent, StartEvent } from '../../../core/query/query-event.ts'
import { traceContext } from '../../../core/query/trace-context.ts'
import { type Asked, submit } from '../../answer/submit.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import type { ToldProgress } from './told-progress.ts'

export interface ToolRunComponents {
  readonly context: GatewayContext
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** The message that calls the tool. */
  readonly message: {
    /** Where the client's own tracing stands, if not in the headers. */
    readonly _meta?: Readonly<Record<string, unknown>> | undefined
  }
  readonly progress: ToldProgress
}

/** What every tool that asks a model tells of it. */
export interface Answered {
  readonly start: StartEvent | undefined
  readonly end: EndEvent | undefined
  readonly id: string
}

export class ToolRun {
  readonly context: GatewayContext
  readonly request: FastifyRequest
  readonly #components: ToolRunComponents

  constructor(components: ToolRunComponents) {
    this.#components = components
    this.context = components.context
    this.request = components.request
  }

  /** Feeds the events of the query to `gathering`. Throws what the query fails with. */
  async answer(asked: Asked, gathering: Gathering): Promise<Answered> {
    const { context, request, reply, message, progress } = this.#components
    const { _meta: meta } = message
    const trace = traceContext(meta?.['traceparent'], meta?.['tracestate'])
    const traced = { ...asked, ...defined({ trace }) }
    const { accepted } = submit(context, request, reply, traced)
    let start: StartEvent | undefined
    let end: EndEvent | undefined
    for await (const event of accepted.events) {
      if (event.kind === 'start') start = event
      else if (event.kind === 'end') end = event
      gathering.add(event)
      progress.saw(event)
    }
    return { start, end, id: accepted.id }
  }
}

/** The fields of an output that tell who answered. */
export function servedBy({ start, id }: Answered): { query_id: string; model?: string; node?: string } {
  return { query_id: id, ...defined({ model: start?.model, node: start?.node }) }
}

/** Tool calls as Ollama writes them: whole, with an object of arguments. */
import type { FinishReason } from '../../../core/query/query-event.ts'
import { callArguments, callId, type GatheredCalls, noArguments } from '../../gathering/calls.ts'

/**
 * A call that broke off at the limit of tokens is left out. Throws `ENGINE_GARBAGE` for other arguments that are no
 * object.
 */
export function toldCalls(calls: GatheredCalls, finish: FinishReason, queryId: string): readonly object[] {
  return calls.all.flatMap((call) => {
    const given = callArguments(call.arguments)
    if (given === undefined && finish === 'length') return []
    if (given === undefined) throw noArguments(call.name)
    return { id: callId(call, queryId), function: { index: call.index, name: call.name, arguments: given } }
  })
}

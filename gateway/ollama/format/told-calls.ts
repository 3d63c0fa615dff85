/** Tool calls as Ollama writes them: whole, with an object of arguments. */
import type { FinishReason } from '../../../core/query/query-event.ts'
import { callId, type GatheredCalls, wholeCalls } from '../../gathering/calls.ts'

/** Those that are whole: see `wholeCalls`. Throws `ENGINE_GARBAGE`. */
export function toldCalls(calls: GatheredCalls, finish: FinishReason, queryId: string): readonly object[] {
  return wholeCalls(calls.all, finish).map(({ call, given }) => ({
    id: callId(call, queryId),
    function: { index: call.index, name: call.name, arguments: given },
  }))
}

/** Tool calls as Ollama writes them: whole, with an object of arguments. */
import type { FinishReason } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { callId, type GatheredCall, type GatheredCalls } from '../../gathering/calls.ts'

/**
 * A call that broke off at the limit of tokens is left out. Throws `ENGINE_GARBAGE` for other arguments that are no
 * object.
 */
export function toldCalls(calls: GatheredCalls, finish: FinishReason, queryId: string): readonly object[] {
  return calls.all.flatMap((call) => {
    const given = argumentsOf(call)
    if (given === undefined && finish === 'length') return []
    if (given === undefined) throw noObject(call)
    return { id: callId(call, queryId), function: { index: call.index, name: call.name, arguments: given } }
  })
}

function argumentsOf({ arguments: text }: GatheredCall): object | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function noObject({ name }: GatheredCall): RealmeshError {
  return new RealmeshError(
    'ENGINE_GARBAGE',
    `the model called ${name.slice(0, 64)} with arguments that are no JSON object`,
    {
      fix: 'ask again, or ask a larger model',
    },
  )
}

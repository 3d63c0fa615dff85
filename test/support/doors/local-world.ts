/** A gateway before a scripted node: nothing but the door itself is between a case and its script. */
import type { ChatBody } from '../../../core/query/query.ts'
import { queryScope, type ScopeGateComponents } from '../../../node/query/scope-gate.ts'
import { FAKE_START, listedModel } from '../fake-node.ts'
import { type StartedGateway, startGateway } from '../started-gateway.ts'
import { DOORS } from './doors.ts'
import { type DoorScript, type DoorWorlds, twinOf } from './world.ts'

/** The owner of the scripted node has consented to nothing. */
const GATE: ScopeGateComponents = { scope: () => 'home', consented: () => false }

export function localWorlds(): DoorWorlds {
  let started: StartedGateway
  return {
    name: 'a scripted node',
    enter: async (clock) => {
      started = await startGateway({ drainMs: 1_000 }, { clock })
      const { node, port } = started
      const [told, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let busy = false
      let scripts: readonly DoorScript[] = []
      let asked: ChatBody | undefined
      let rigs = 0
      node.listed = ['tiny', ...DOORS.map(twinOf)].map(listedModel)
      node.script = async function* ({ body, scope }, signal) {
        queryScope(scope, undefined, GATE)
        if (busy) {
          yield { kind: 'queued', position: 1, estimatedWaitMs: 9_000 }
          told.resolve()
          await free.promise
        }
        asked = body as ChatBody
        rigs = 0
        for (const script of scripts) {
          rigs += 1
          yield rigs === 1 ? FAKE_START : { ...FAKE_START, node: `peer-${rigs}` }
          try {
            return yield* script(signal, asked)
          } catch (error) {
            if (rigs === scripts.length) throw error
          }
        }
      }
      return {
        port,
        servedBy: FAKE_START.node,
        play: (...next) => {
          scripts = next
        },
        busy: async () => {
          busy = true
          return { told: told.promise, free: free.resolve }
        },
        rigs: () => rigs,
        asked: () => asked,
      }
    },
    leave: () => started.gateway.stop(),
  }
}

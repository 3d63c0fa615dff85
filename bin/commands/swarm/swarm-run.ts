/** `realmesh swarm run FILE`: plays a topology, queries and faults, and tells what came of it. */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { RunCommand } from '../../cli/command.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { printResult } from '../../cli/print.ts'
import { stopSignals } from '../../daemon/stop-signals.ts'
import { play } from '../../swarm/play/play.ts'
import { isSound, playReport } from '../../swarm/play/play-report.ts'
import { PlayedSwarm } from '../../swarm/play/played-swarm.ts'
import { reportLines } from '../../swarm/play/print-report.ts'
import { readTopologyFile } from '../../swarm/topology/read-topology.ts'
import { tellTopologyNode } from './topology-up.ts'

export const run: RunCommand = async (invocation) => {
  const { args, context } = invocation
  const swarm = new PlayedSwarm(await readTopologyFile(args[0] ?? ''))
  const ending = new AbortController()
  const signals = stopSignals(
    (status) => process.exit(status),
    () => {},
  )
  const stopped = signals.stopped.then((reason) => {
    ending.abort(new RealmeshError('CANCELLED', `the play was ended by ${reason}`))
    return undefined
  })
  try {
    const told = (line: string): void => context.err(`${line}\n`)
    const started = swarm.start((node) => told(tellTopologyNode(node)))
    started.catch(() => {}) // told by the race, or too late to matter
    await Promise.race([started, stopped])
    if (ending.signal.aborted) throw ending.signal.reason
    const report = playReport(await play(swarm, { signal: ending.signal, tell: told }))
    printResult(invocation, { json: report, text: `${reportLines(report).join('\n')}\n` })
    return isSound(report) ? EXIT.ok : EXIT.failed
  } finally {
    await swarm.stop()
    signals.release()
  }
}

/** `realmesh doctor`: names what is broken, on this machine and towards others, and what helps. */
import type { RealmeshConfig } from '../../../config/config.ts'
import { loadConfig } from '../../../config/file/load-config.ts'
import { type Diagnosis, diagnosisOf, type Finding } from '../../../core/model/finding.ts'
import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import { systemClock } from '../../../core/run/clock.ts'
import { linkedAbort } from '../../../core/run/linked-abort.ts'
import { homeFlag } from '../../../home/home-folder.ts'
import { livingDaemon } from '../../../home/home-lock.ts'
import { WebRtcPackage } from '../../../node/compose/libp2p/web-rtc/web-rtc-package.ts'
import { diagnose } from '../../../node/doctor/codes/diagnose.ts'
import { found } from '../../../node/doctor/codes/found.ts'
import { type LocalCheckComponents, localChecks } from '../../../node/doctor/local-checks.ts'
import { findEngines, findGpus } from '../../../node/tools/this-machine.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { printResult } from '../../cli/print.ts'
import { withHome } from '../../cli/printed-commands.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { startProblems } from '../../daemon/front/start-checks.ts'
import { doctorText } from './doctor-text.ts'

/** A node that lives says so at once; one that computes on all cores within seconds. */
const ALIVE_MS = 4_000

/** The checks of a node end within 12 s; a machine that computes on all cores is slower. */
const REPLY_MS = 60_000

const STATUS: Readonly<Record<Diagnosis['state'], number>> = { ok: EXIT.ok, warn: EXIT.warned, fail: EXIT.faulty }

export const run: RunCommand = async (invocation) => {
  const { args, context, flags } = invocation
  const [peer] = args
  const model = textFlag(flags, 'model')
  if (peer === undefined && model !== undefined) {
    throw new RealmeshError('USAGE', '--model is about one peer', { fix: 'realmesh doctor PEER --model NAME' })
  }
  const pid = await livingDaemon(invocation.home)
  const diagnosis = await (peer === undefined ? examined(invocation, pid) : aboutPeer(invocation, peer))
  const text = withHome(doctorText(diagnosis, context.columns), homeFlag(invocation.home))
  return printResult(invocation, { json: diagnosis, text, status: STATUS[diagnosis.state] })
}

/** Of the node that runs with this home; of the machine alone where none runs, or it does not answer. */
async function examined(invocation: Invocation, pid: number | undefined): Promise<Diagnosis> {
  if (pid === undefined) {
    const stopped = found('daemon.stopped', 'no node runs with this home; what needs one was not looked at')
    return await locally(invocation, stopped, false)
  }
  try {
    const { findings } = await asked(invocation, '/api/doctor')
    return diagnosisOf([found('daemon.ok', `a node runs here (pid ${pid})`, { facts: { pid } }), ...findings])
  } catch (thrown) {
    const { message, fix } = toRealmeshError(thrown)
    const silent = found('daemon.silent', `the node (pid ${pid}) was not asked: ${message}`, { fix, facts: { pid } })
    return await locally(invocation, silent, true)
  }
}

async function aboutPeer(invocation: Invocation, peer: string): Promise<Diagnosis> {
  const model = textFlag(invocation.flags, 'model')
  const query = new URLSearchParams({ peer, ...(model !== undefined && { model }) })
  return await asked(invocation, `/api/doctor?${query}`)
}

async function asked({ home }: Invocation, path: string): Promise<Diagnosis> {
  let alive = false
  const limit = (): AbortSignal => AbortSignal.timeout(alive ? REPLY_MS : ALIVE_MS)
  const client = await GatewayClient.connectAsOperator(home, { limit })
  alive = true
  return (await client.json(path)) as Diagnosis
}

function webRtcOf({ node }: RealmeshConfig): ReturnType<LocalCheckComponents['webRtc']> {
  const { state, error } = new WebRtcPackage({ enabled: node.webrtc.enabled })
  return { state, ...(error !== undefined && { why: error.message }) }
}

async function locally(invocation: Invocation, daemon: Finding, running: boolean): Promise<Diagnosis> {
  const { flags, home, context } = invocation
  const checks = localChecks(
    {
      home,
      load: () => loadConfig({ home, env: context.env, flags, file: textFlag(flags, 'config') }),
      startProblems: (config) => startProblems(config, home),
      findEngines: (config) => findEngines(config, new AbortController().signal),
      findGpus,
      webRtc: webRtcOf,
    },
    { running },
  )
  const { findings } = await diagnose(checks, { clock: systemClock, signal: linkedAbort().signal })
  return diagnosisOf([daemon, ...findings])
}

/** `realmesh up`: runs a node until it is told to stop. */
import { rmSync } from 'node:fs'
import { defined } from '../../../core/defined.ts'
import { toRealmeshError } from '../../../core/realmesh-error.ts'
import { homeFlag } from '../../../home/home-folder.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { withHome } from '../../cli/printed-commands.ts'
import { type Daemon, type DaemonInit, startDaemon } from '../../daemon/daemon.ts'
import { HeapThrift } from '../../daemon/heap-thrift.ts'
import { createLog, type PersonsLog } from '../../daemon/log.ts'
import { readyLines } from '../../daemon/ready-lines.ts'
import { stopSignals } from '../../daemon/stop-signals.ts'

/** What sets one kind of node apart from another. */
export interface NodeKind extends Pick<DaemonInit, 'adapt' | 'serves'> {
  /** What a person sees when it is up. `width`: columns of the terminal. */
  readonly lines: (daemon: Daemon, width: number) => readonly string[]
  /** What a program reads beside the event. */
  readonly json: (daemon: Daemon) => object
}

const UP: NodeKind = {
  lines: (daemon, width) => readyLines(daemon, daemon.node.status(), width),
  json: ({ ready }) => ready,
}

export const run: RunCommand = (invocation) => runNode(invocation, UP)

/** Runs a node of a kind until it is told to stop. */
export async function runNode({ flags, home, context }: Invocation, kind: NodeKind): Promise<number> {
  let daemon: Daemon | undefined
  let log: PersonsLog | undefined
  let reloading: Promise<void> = Promise.resolve()
  const thrift = new HeapThrift()
  const signals = stopSignals(
    (status) => {
      rmSync(home.runtimeFile, { force: true })
      process.exit(status)
    },
    () => {
      reloading = reloading.then(async () => {
        if (daemon !== undefined) await reload(daemon)
      })
    },
  )
  try {
    daemon = await startDaemon({
      home,
      flags,
      env: context.env,
      configFile: textFlag(flags, 'config'),
      ...defined({ adapt: kind.adapt, serves: kind.serves }),
      createLog: async (level) => {
        const made = await createLog(level, context)
        log = made
        return { ...made, tell: (line, fields) => made.tell(withHome(line, homeFlag(home)), fields) }
      },
    })
    await thrift.start()
    const json = flags['json'] === true || isTrue(context.env['REALMESH_JSON'])
    const text = json
      ? JSON.stringify({ event: 'ready', ...kind.json(daemon) })
      : withHome(kind.lines(daemon, context.columns).join('\n'), homeFlag(home))
    context.out(`${text}\n`)
    log?.release()
    daemon.log.info({ reason: await signals.stopped }, 'draining')
    await daemon.drainAndStop()
    return 0
  } finally {
    await thrift.stop()
    log?.release()
    signals.release()
  }
}

/** At a signal: the answer goes to the log. */
async function reload(daemon: Daemon): Promise<void> {
  try {
    await daemon.reload()
  } catch (thrown) {
    const { code, message, fix } = toRealmeshError(thrown)
    daemon.log.error({ code, fix }, `configuration not changed: ${message}`)
  }
}

function isTrue(word: string | undefined): boolean {
  return word !== undefined && /^(1|true|yes|on)$/i.test(word)
}

/** `realmesh up`: runs a node until it is told to stop. */
import { rmSync } from 'node:fs'
import { toRealmeshError } from '../../../core/realmesh-error.ts'
import { homeFlag } from '../../../home/home-folder.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'
import { withHome } from '../../cli/printed-commands.ts'
import { type Daemon, startDaemon } from '../../daemon/daemon.ts'
import { HeapThrift } from '../../daemon/heap-thrift.ts'
import { createLog, type PersonsLog } from '../../daemon/log.ts'
import { readyLines } from '../../daemon/ready-lines.ts'
import { stopSignals } from '../../daemon/stop-signals.ts'

export const run: RunCommand = async ({ flags, home, context }) => {
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
      createLog: async (level) => {
        const made = await createLog(level, context)
        log = made
        return { ...made, tell: (line, fields) => made.tell(withHome(line, homeFlag(home)), fields) }
      },
    })
    await thrift.start()
    const json = flags['json'] === true || isTrue(context.env['REALMESH_JSON'])
    context.out(json ? readyJson(daemon) : withHome(readyText(daemon, context.columns), homeFlag(home)))
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

function readyJson({ ready }: Daemon): string {
  return `${JSON.stringify({ event: 'ready', ...ready })}\n`
}

function readyText(daemon: Daemon, width: number): string {
  return `${readyLines(daemon, daemon.node.status(), width).join('\n')}\n`
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

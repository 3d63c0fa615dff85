/**
 * The gateway's certificate while the node runs: tools that renew certificates write files and tell nobody. The files
 * are looked at again and again, since those tools put links to new files in the place of old ones, which no watching
 * of a file tells. A pair that is bad or half written changes nothing.
 */
import { stat } from 'node:fs/promises'
import type { Logger } from '../../../core/logger.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { Startable } from '../../../core/run/startable.ts'
import { messageOf } from '../../../core/thrown.ts'
import { type CertificateFiles, type ReadCertificate, readCertificate } from './certificate.ts'

/** Renewals come weeks before the end of a certificate; a look costs two calls of the system. */
const FILES_SEEN_EVERY_MS = 10_000

/** Tools renew a month before the end; what ends within a week is renewed by nobody. */
const ENDS_SOON_MS = 7 * 86_400_000

export interface CertificateKeeperComponents {
  /** Puts a certificate into force for new connections. Throws for one that cannot be. */
  readonly take: (certificate: ReadCertificate) => Promise<void>
  readonly clock: Pick<Clock, 'after' | 'wall'>
  readonly log: Logger
}

export class CertificateKeeper implements Startable {
  readonly #components: CertificateKeeperComponents
  readonly #files: CertificateFiles
  #inForce: ReadCertificate
  /** How the files looked when they were read last. */
  #seen: string | undefined
  #cancel: (() => void) | undefined
  #stopped = false

  /** `inForce`: what the gateway has now. */
  constructor(components: CertificateKeeperComponents, files: CertificateFiles, inForce: ReadCertificate) {
    this.#components = components
    this.#files = files
    this.#inForce = inForce
  }

  async start(): Promise<void> {
    this.#seen = await this.#look()
    this.#warnOfEnd()
    this.#arm()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
  }

  /** Puts what the files hold into force. Throws what is wrong with them; then the old certificate stays. */
  async reload(): Promise<void> {
    this.#seen = await this.#look()
    const read = await readCertificate(this.#files)
    if (read.cert === this.#inForce.cert && read.key === this.#inForce.key) return
    await this.#components.take(read)
    this.#inForce = read
    this.#components.log.info({ until: new Date(read.expiresMs).toISOString() }, 'the certificate has changed')
    this.#warnOfEnd()
  }

  #arm(): void {
    if (this.#stopped) return
    this.#cancel = this.#components.clock.after(FILES_SEEN_EVERY_MS, () => {
      void this.#lookAgain().then(() => this.#arm())
    })
  }

  async #lookAgain(): Promise<void> {
    if ((await this.#look()) === this.#seen) return
    try {
      await this.reload()
    } catch (error) {
      this.#components.log.warn({}, `${messageOf(error)}; the certificate that the gateway has stays in force`)
    }
  }

  /** What tells one state of the files from another; a link counts as what it leads to. */
  async #look(): Promise<string> {
    const states = [this.#files.cert, this.#files.key].map(async (path) => {
      const found = await stat(path, { bigint: true }).catch(() => undefined)
      return found === undefined ? 'none' : [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
    })
    return (await Promise.all(states)).join('; ')
  }

  #warnOfEnd(): void {
    const { log, clock } = this.#components
    const { expiresMs } = this.#inForce
    if (expiresMs - clock.wall() > ENDS_SOON_MS) return
    const at = new Date(expiresMs).toISOString()
    log.warn({}, `the certificate of the gateway ${expiresMs <= clock.wall() ? 'ended' : 'ends'} on ${at}`)
  }
}

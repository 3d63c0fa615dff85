/**
 * An invitation that is to be followed once the node runs: `join` was typed while it did not. Kept in a file of the
 * home, tried until it works, is refused, or has expired.
 */
import { rm } from 'node:fs/promises'
import { z } from 'zod'
import { type ErrorCode, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type Clock, pauseFor } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type BackOffRule, backOffMs } from '../../discovery/contact/back-off.ts'
import { type HomeFolder, prepareHome } from '../../home/home-folder.ts'
import { readJsonFile, writeJsonFile } from '../../home/json-file.ts'
import { type Invitation, readInvitation } from '../../protocols/invite/invitation-text.ts'
import type { Joined } from '../api/joining/invitation-control.ts'

/** The inviting node may start later than this one. */
const TRY_AGAIN: BackOffRule = { firstMs: 5_000, capMs: 5 * 60_000 }

/** What another try may mend. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['PEER_UNREACHABLE', 'PEER_LOST', 'TIMEOUT'])

const file = z.strictObject({ text: z.string() })

/** Keeps it for the next start, in the place of one that was kept before. Throws `INVITATION_INVALID`. */
export async function keepInvitation(home: HomeFolder, text: string): Promise<Invitation> {
  const invitation = readInvitation(text)
  await prepareHome(home)
  await writeJsonFile(home.keptInvitationFile, { text: text.trim() })
  return invitation
}

export interface KeptInvitationComponents {
  readonly join: (text: string) => Promise<Joined>
  readonly tell: (line: string, fields: object) => void
  readonly clock: Clock
  /** @default Math.random */
  readonly rng?: () => number
}

export class KeptInvitation implements Startable {
  readonly #components: KeptInvitationComponents
  readonly #home: Pick<HomeFolder, 'keptInvitationFile'>
  #life = linkedAbort()
  #following: Promise<void> = Promise.resolve()

  constructor(components: KeptInvitationComponents, home: Pick<HomeFolder, 'keptInvitationFile'>) {
    this.#components = components
    this.#home = home
  }

  /** Resolves before it is followed. */
  async start(): Promise<void> {
    this.#life = linkedAbort()
    const kept = await readJsonFile(
      this.#home.keptInvitationFile,
      (value) => file.parse(value).text,
      () => {},
    )
    if (kept !== undefined) this.#following = this.#follow(kept, this.#life.signal)
  }

  async stop(): Promise<void> {
    this.#life.abort()
    await this.#following
  }

  /** Never rejects. */
  async #follow(text: string, signal: CancelSignal): Promise<void> {
    const { join, tell, clock, rng = Math.random } = this.#components
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const { kind, name, peer } = await join(text)
        const what = kind === 'home' ? 'this node belongs to the home of' : 'you are friends with the owner of'
        tell(`joined: ${what} ${name} (…${peer.slice(-8)}) now`, { peer, kind })
        return await this.#forget()
      } catch (thrown) {
        const { code, message } = toRealmeshError(thrown, 'PEER_UNREACHABLE')
        if (signal.aborted) return
        const isOver = !PASSING.has(code) || readInvitation(text).expiresMs <= clock.wall()
        if (isOver || failures === 1) {
          tell(`! the invitation was not followed: ${message}${isOver ? '' : '; trying again'}`, { code })
        }
        if (isOver) return await this.#forget()
        await pauseFor(backOffMs(TRY_AGAIN, failures, rng), signal, clock)
      }
    }
  }

  async #forget(): Promise<void> {
    await rm(this.#home.keptInvitationFile, { force: true }).catch(() => {}) // it is refused once more, no more than that
  }
}

/**
 * The invitations that this node gave out, kept over restarts. Their secrets are not among it, only the keys that prove
 * who has one. An invitation counts as used before what it promises leaves the node.
 */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { Turns } from '../../core/run/turns.ts'
import { readJsonFile, writeJsonFile } from '../../home/json-file.ts'
import { SECRET_BYTES } from '../../protocols/invite/constants.ts'
import { INVITATION_KINDS, type Invitation, type InvitationKind } from '../../protocols/invite/invitation-text.ts'
import { invitationId, invitationKey } from '../../protocols/invite/proofs.ts'
import type { Redeemed, Redeeming } from '../../protocols/invite/server.ts'
import type { Welcome } from '../../protocols/invite/welcome.ts'
import type { InvitationOptions, ListedInvitation } from '../api/joining/invitation-control.ts'

/** Invitations that are kept, the ended ones of the last days among them: one makes a few a year. */
export const MAX_INVITATIONS = 256

/** How long one that has ended is still listed, so that its owner sees what became of it. */
const LISTED_AFTER_MS = 7 * 86_400_000

const HOUR_MS = 3_600_000

const kept = z.strictObject({
  id: z.string(),
  /** Lower-case hex. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.enum(INVITATION_KINDS),
  for: z.string().optional(),
  /** Wall clock, milliseconds. */
  createdMs: z.number(),
  expiresMs: z.number(),
  uses: z.int().min(1),
  usedBy: z.array(z.strictObject({ peer: z.string(), name: z.string(), atMs: z.number() })),
})
type Kept = z.output<typeof kept>

const file = z.strictObject({ invitations: z.array(kept).max(MAX_INVITATIONS) })

export interface InvitationBookComponents {
  readonly clock: Pick<Clock, 'wall'>
  readonly log: Logger
  /** Does for the peer what an invitation of that kind promises. Throws `INVITATION_REFUSED` where it cannot. */
  readonly welcome: (kind: InvitationKind, peer: string) => Promise<Welcome>
}

export interface InvitationBookInit {
  readonly file: string
}

export class InvitationBook implements Startable {
  readonly #components: InvitationBookComponents
  readonly #file: string
  readonly #turns = new Turns()
  #kept: readonly Kept[] = []

  constructor(components: InvitationBookComponents, init: InvitationBookInit) {
    this.#components = components
    this.#file = init.file
  }

  async start(): Promise<void> {
    const { log } = this.#components
    const found = await readJsonFile(
      this.#file,
      (value) => file.parse(value).invitations,
      () =>
        log.warn({ file: this.#file }, 'the file of invitations cannot be read: those that were given out are void'),
    )
    this.#kept = found ?? []
  }

  async stop(): Promise<void> {
    await this.#turns.settled()
  }

  /** Makes one; resolves when it is kept. Throws `BAD_REQUEST` when there are too many. */
  create({
    kind,
    hours,
    uses,
    for: whom,
  }: InvitationOptions): Promise<Pick<Invitation, 'secret' | 'expiresMs'> & Pick<Kept, 'id'>> {
    return this.#turns.take(async () => {
      const now = this.#components.clock.wall()
      const secret = new Uint8Array(randomBytes(SECRET_BYTES))
      // Whole seconds: the text of the invitation tells no more.
      const expiresMs = Math.floor((now + hours * HOUR_MS) / 1_000) * 1_000
      const living = this.#listable(now)
      if (living.length >= MAX_INVITATIONS) throw tooMany()
      const made: Kept = {
        id: hex(invitationId(secret)),
        key: hex(invitationKey(secret)),
        kind,
        ...(whom !== undefined && { for: whom }),
        createdMs: now,
        expiresMs,
        uses,
        usedBy: [],
      }
      await this.#save([...living, made])
      return { id: made.id, secret, expiresMs }
    })
  }

  /** The latest last. */
  list(): readonly ListedInvitation[] {
    const now = this.#components.clock.wall()
    return this.#listable(now).map(({ key: _, ...told }) => ({ ...told, state: stateOf(told, now) }))
  }

  /**
   * Takes back the one whose id begins so, and gives its id. Throws `BAD_REQUEST` where there is none, or more than
   * one.
   */
  revoke(beginning: string): Promise<string> {
    return this.#turns.take(async () => {
      const [one, another] = this.#kept.filter(({ id }) => id.startsWith(beginning))
      if (one === undefined || another !== undefined) {
        const what = one === undefined ? 'there is no invitation' : 'there is more than one invitation that begins with'
        throw new RealmeshError('BAD_REQUEST', `${what} ${beginning}`, { fix: 'realmesh invite list shows their ids' })
      }
      await this.#save(this.#kept.filter((each) => each !== one))
      return one.id
    })
  }

  /**
   * Resolves with what the invitation gives, once its use is kept. The same node may ask again until it expires: its
   * answer may have been lost. Throws `INVITATION_REFUSED`.
   */
  redeem({ id, peer, name, proves }: Redeeming): Promise<Redeemed> {
    return this.#turns.take(async () => {
      const { clock, log, welcome } = this.#components
      const now = clock.wall()
      const found = this.#kept.find((one) => one.id === id)
      const key = found === undefined ? undefined : Buffer.from(found.key, 'hex')
      // Who does not know the secret learns nothing, not even whether there is such an invitation.
      if (found === undefined || key === undefined || !proves(key)) {
        throw refused('the inviting node knows no such invitation; it may have been taken back')
      }
      if (found.expiresMs <= now) throw refused(`this invitation expired on ${new Date(found.expiresMs).toISOString()}`)
      if (!found.usedBy.some((use) => use.peer === peer)) {
        if (found.usedBy.length >= found.uses) throw refused('this invitation was used before')
        const used = { ...found, usedBy: [...found.usedBy, { peer, name, atMs: now }] }
        await this.#save(this.#kept.map((one) => (one === found ? used : one)))
        log.info({ peer, name, invitation: id, kind: found.kind }, 'a node redeemed an invitation')
      }
      return { key, welcome: await welcome(found.kind, peer) }
    })
  }

  #listable(now: number): readonly Kept[] {
    return this.#kept.filter(({ expiresMs }) => expiresMs + LISTED_AFTER_MS > now)
  }

  async #save(invitations: readonly Kept[]): Promise<void> {
    try {
      await writeJsonFile(this.#file, { invitations })
    } catch (cause) {
      throw new RealmeshError('STORAGE_FAILED', 'the invitations cannot be written down', {
        fix: `check disk and rights of ${this.#file}`,
        cause,
      })
    }
    this.#kept = invitations
  }
}

function stateOf({ uses, usedBy, expiresMs }: Omit<Kept, 'key'>, now: number): ListedInvitation['state'] {
  if (usedBy.length >= uses) return 'used'
  return expiresMs <= now ? 'expired' : 'open'
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function refused(message: string): RealmeshError {
  return new RealmeshError('INVITATION_REFUSED', message)
}

function tooMany(): RealmeshError {
  return new RealmeshError('BAD_REQUEST', `there are ${MAX_INVITATIONS} invitations`, {
    fix: 'take some back: realmesh invite revoke ID',
  })
}

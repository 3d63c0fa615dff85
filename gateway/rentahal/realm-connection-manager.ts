/**
 * The sockets of RENT-A-HAL's clients, by user and by realm: who is told what, and what each realm's sockets have done.
 * A message to many is written as JSON once. A socket that cannot be told is dropped, and nothing else happens.
 */

/** A message to a client; as JSON it is one frame. */
export interface Told {
  readonly type: string
  readonly [field: string]: unknown
}

/** One socket. */
export interface RealmMember {
  readonly guid: string
  readonly sysop: boolean
  /** `passing`: a later message of the kind takes its place, so that a slow reader may miss it. May throw. */
  tell(frame: string, passing?: boolean): void
  /** Ends the socket. */
  drop(): void
}

/** What the sockets of a realm have done. */
export interface RealmSockets {
  /** Open now. A socket is in the realm of its latest query. */
  readonly connections: number
  readonly peakConnections: number
  /** Messages that its sockets sent. */
  readonly messagesProcessed: number
}

interface RealmCount {
  connections: number
  peakConnections: number
  messagesProcessed: number
}

export class RealmConnectionManager<M extends RealmMember> {
  /** The realm of each. */
  readonly #members = new Map<M, string>()
  readonly #byUser = new Map<string, Set<M>>()
  /** Bounded by the realms that there are: their names come from the configuration. */
  readonly #counts = new Map<string, RealmCount>()

  /** Sockets that are open. */
  get size(): number {
    return this.#members.size
  }

  /** Users with a socket or more. */
  get users(): number {
    return this.#byUser.size
  }

  /** One socket of each user who has any, at most `limit` of them. */
  oneOfEach(limit: number): readonly M[] {
    const found: M[] = []
    for (const [member] of this.#byUser.values()) {
      if (found.length === limit) break
      if (member !== undefined) found.push(member)
    }
    return found
  }

  /** A user's sockets. */
  of(guid: string): readonly M[] {
    return [...(this.#byUser.get(guid) ?? [])]
  }

  join(member: M, realm: string): void {
    this.#members.set(member, realm)
    const own = this.#byUser.get(member.guid)
    if (own === undefined) this.#byUser.set(member.guid, new Set([member]))
    else own.add(member)
    this.#enter(realm)
  }

  /** The socket has a query in that realm. One that has left stays away. */
  move(member: M, realm: string): void {
    const before = this.#members.get(member)
    if (before === undefined || before === realm) return
    this.#countOf(before).connections -= 1
    this.#members.set(member, realm)
    this.#enter(realm)
  }

  /** Once or more often. */
  leave(member: M): void {
    const realm = this.#members.get(member)
    if (realm === undefined) return
    this.#members.delete(member)
    this.#countOf(realm).connections -= 1
    const own = this.#byUser.get(member.guid)
    own?.delete(member)
    if (own?.size === 0) this.#byUser.delete(member.guid)
  }

  /** Counts a message that the socket sent. */
  heard(member: M): void {
    const realm = this.#members.get(member)
    if (realm !== undefined) this.#countOf(realm).messagesProcessed += 1
  }

  /** Tells every socket, or those of one realm. */
  broadcast(
    told: Told,
    { realm, passing = false }: { readonly realm?: string; readonly passing?: boolean } = {},
  ): void {
    const frame = JSON.stringify(told)
    for (const [member, its] of [...this.#members]) {
      if (realm === undefined || realm === its) this.#tell(member, frame, passing)
    }
  }

  /** Tells every socket what `words` makes for it: those that read the same share one text. */
  broadcastEach(words: (member: M) => Told): void {
    const frames = new Map<Told, string>()
    for (const member of [...this.#members.keys()]) {
      const told = words(member)
      const frame = frames.get(told) ?? JSON.stringify(told)
      frames.set(told, frame)
      this.#tell(member, frame, false)
    }
  }

  /** Tells every socket of the user. */
  tellUser(guid: string, told: Told): void {
    const frame = JSON.stringify(told)
    for (const member of this.of(guid)) this.#tell(member, frame, false)
  }

  /** Undefined for a realm that had no socket. */
  statsOf(realm: string): RealmSockets | undefined {
    const count = this.#counts.get(realm)
    return count && { ...count }
  }

  #tell(member: M, frame: string, passing: boolean): void {
    try {
      member.tell(frame, passing)
    } catch {
      this.leave(member)
      member.drop()
    }
  }

  #enter(realm: string): void {
    const count = this.#countOf(realm)
    count.connections += 1
    count.peakConnections = Math.max(count.peakConnections, count.connections)
  }

  #countOf(realm: string): RealmCount {
    const known = this.#counts.get(realm)
    if (known !== undefined) return known
    const count = { connections: 0, peakConnections: 0, messagesProcessed: 0 }
    this.#counts.set(realm, count)
    return count
  }
}

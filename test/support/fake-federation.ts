/** What a gateway asks of its node for hosts of other federations, by script: it remembers what it was told. */
import { createHash } from 'node:crypto'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type {
  AcceptedHostQuery,
  Federation,
  HostQuery,
  HostView,
  KnownHost,
  NotedHost,
  ToldHost,
} from '../../node/api/federation.ts'

/** The token of the only host that is listed. */
export const HOST_TOKEN = 'token-of-the-garage'

export class FakeFederation implements Federation {
  readonly id = 'federation_0000feed'
  readonly callbackUrl = 'http://rig.lan:5000'
  host: KnownHost = { name: 'garage', relation: 'friend', federationId: undefined }
  readonly told: ToldHost[] = []
  readonly strangers: NotedHost[] = []
  readonly asked: HostQuery[] = []
  known: readonly ToldHost[] = []
  /** What comes of a query; may throw at once. */
  script: (query: HostQuery) => AsyncIterable<QueryEvent> = async function* () {
    yield { kind: 'text', text: 'Hello' }
    yield { kind: 'end', finishReason: 'stop' }
  }

  hostOf(hash: string): KnownHost | undefined {
    return hash === createHash('sha256').update(HOST_TOKEN).digest('hex') ? this.host : undefined
  }

  view(): HostView {
    const realm = { name: '$CHAT', type: 'chat', workers: 2, processed: 3, errors: 1, avgProcessingTime: 0.5 }
    return { realms: [realm], models: [{ name: 'tiny', types: ['chat'], contextLength: 4096 }], slots: 2 }
  }

  heard(_host: KnownHost, told: ToldHost): void {
    this.told.push(told)
  }

  note(told: ToldHost, from: string): void {
    this.strangers.push({ ...told, from, at: 0 })
  }

  others(): readonly ToldHost[] {
    return this.known
  }

  noted(): readonly NotedHost[] {
    return this.strangers
  }

  route(_host: KnownHost, query: HostQuery): AcceptedHostQuery {
    this.asked.push(query)
    return { id: query.id ?? 'q-1', events: this.script(query) }
  }
}

/** An asking and a serving node, joined by the query protocol. */
import type { Libp2p } from '@libp2p/interface'
import type { NodeLoad } from '../../core/model/load.ts'
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { Libp2pLinks } from '../../discovery/links/libp2p-links.ts'
import { QueryClient, type QueryClientComponents, type QueryClientInit } from '../../protocols/query/asking/client.ts'
import { QueryServer, type QueryServerComponents, type QueryServerInit } from '../../protocols/query/serving/server.ts'
import { admits } from './admits.ts'
import { libp2pPair } from './libp2p-node.ts'

export const LOAD: NodeLoad = {
  seq: 7,
  at: 1_700_000_000_000,
  draining: false,
  models: [
    {
      model: 'tiny',
      slots: 2,
      running: 1,
      queued: 0,
      estimatedWaitMs: 12,
      decodeRate: 31.5,
      prefillRate: 800,
      warm: true,
    },
  ],
}

export interface QueryPairOptions {
  readonly client?: Partial<QueryClientComponents & QueryClientInit>
  readonly server?: Partial<QueryServerComponents & QueryServerInit>
}

export class QueryPair {
  readonly asker: Libp2p
  readonly server: Libp2p
  readonly client: QueryClient
  readonly queryServer: QueryServer
  /** Loads that the asker was told. */
  readonly loads: { readonly peer: string; readonly load: NodeLoad }[] = []

  private constructor(asker: Libp2p, server: Libp2p, run: RunQuery, options: QueryPairOptions) {
    this.asker = asker
    this.server = server
    this.client = new QueryClient(
      {
        links: new Libp2pLinks({ libp2p: asker }),
        onLoad: (peer, load) => this.loads.push({ peer, load }),
        ...options.client,
      },
      { network: 'test', ...options.client },
    )
    this.queryServer = new QueryServer(
      { links: new Libp2pLinks({ libp2p: server }), admit: admits(run), load: () => LOAD, ...options.server },
      { network: 'test', ...options.server },
    )
  }

  static async start(run: RunQuery, options: QueryPairOptions = {}): Promise<QueryPair> {
    const [asker, server] = await libp2pPair()
    const pair = new QueryPair(asker, server, run, options)
    await pair.queryServer.start()
    await pair.client.start()
    return pair
  }

  /** The peer id of the serving node. */
  get peer(): string {
    return this.server.peerId.toString()
  }

  /** Runs a query on the serving node. */
  ask(query: Query, signal: AbortSignal = new AbortController().signal): AsyncIterable<QueryEvent> {
    return this.client.run(this.peer)(query, { signal })
  }

  async stop(): Promise<void> {
    await this.client.stop()
    await this.queryServer.stop()
    await this.asker.stop()
    await this.server.stop()
  }
}

/**
 * `node` of realms.yml, the daemon itself: as it is written (`nodeSchema`), and as the node is composed from it
 * (`NodeConfig`). Each key that is also a flag is in settings.ts.
 */
import { hostname } from 'node:os'
import { z } from 'zod'
import { isNamedEngineKind, NAMED_ENGINE_KINDS } from '../../core/model/engine-kind.ts'
import { didYouMean } from '../../core/nearest.ts'
import type { Scope } from '../../core/scope.ts'
import {
  type EngineAddress,
  isHostName,
  isOrigin,
  parseEngineAddress,
  parseHostPort,
  splitEngineAddress,
} from '../forms/addresses.ts'
import { type RelayConfig, relaySchema, resolveRelay } from './reach/relay-schema.ts'
import { resolveWebRtc, type WebRtcConfig, webRtcSchema } from './reach/web-rtc-schema.ts'
import { type RegistryConfig, registrySchema, resolveRegistry } from './registry-schema.ts'
import { type RendezvousConfig, rendezvousSchema, resolveRendezvous } from './rendezvous-schema.ts'
import { type RentAHalConfig, rentAHalSchema, resolveRentAHal } from './rentahal-schema.ts'
import {
  absolute,
  addressOrCidr,
  cidr,
  formed,
  label,
  list,
  multiaddrText,
  peerMultiaddr,
  scope,
  seconds,
} from './schema-parts.ts'

/** What the log tells, most important first. */
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const hostPort = formed((text) => parseHostPort(text) !== undefined, 'HOST:PORT', { example: '127.0.0.1:5000' })

const engineAddress = formed((text) => splitEngineAddress(text) !== undefined, 'KIND=URL', {
  example: 'ollama=http://127.0.0.1:11434',
}).superRefine((text, context) => {
  const kind = splitEngineAddress(text)?.kind
  if (kind === undefined || isNamedEngineKind(kind)) return
  const hint = didYouMean(kind, NAMED_ENGINE_KINDS) ?? `known: ${NAMED_ENGINE_KINDS.join(', ')}`
  context.addIssue({ code: 'custom', message: `there is no kind of engine ${kind}`, params: { hint } })
})

const origin = formed(isOrigin, 'an origin without a path', {
  example: 'https://chat.example.org, app://obsidian.md, vscode-webview://* or http://localhost:*',
})

const nameOfHost = formed(isHostName, 'the name of a host', { example: 'rig.lan or rig.lan:8443' })

/** An Ed25519 key as libp2p writes it: of a node, or of a federation. */
const KEY_ID = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/

const peerId = formed(KEY_ID, 'a peer id', { example: '12D3KooW…, which realmesh status of that node prints' })

const friend = z
  .strictObject({
    peer: peerId.optional().describe('Peer id of one node.'),
    federation: formed(KEY_ID, "a federation's id", {
      example: '12D3KooW…, which realmesh status of a member prints beside "federation"',
    })
      .optional()
      .describe('Id of a federation, as `realmesh status` of a member shows it; its label proves nothing.'),
    until: formed((text) => /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)), 'a date', {
      example: '2030-01-31',
    })
      .optional()
      .describe('When the friendship ends.'),
  })
  .describe('A node or a federation that scope and share `friends` include.')

export const nodeSchema = z
  .strictObject({
    http: hostPort.default('127.0.0.1:5000').describe('Where programs reach this node. Port 0: any free one.'),
    name: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('What people call this node; every node that meets it is told. Default: the name of the host.'),
    listen: list(multiaddrText).default(['/ip4/0.0.0.0/tcp/4501']).describe('Where other nodes reach it.'),
    bootstrap: list(peerMultiaddr).default([]).describe('Nodes to join the swarm through.'),
    network: label.default('main').describe("The swarm's name; networks never mix."),
    mdns: z.boolean().default(true).describe('Find nodes in the same local network by multicast.'),
    federation_key: z.string().min(1).optional().describe("File of the federation's key. Default: made in the home."),
    federation_label: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('What people call the federation. Default: its id.'),
    scope: scope.default('home').describe('Where own queries go.'),
    share: scope.default('home').describe('Whose queries the workers here serve.'),
    friends: list(friend).default([]).describe('Who counts as a friend.'),
    engines: list(engineAddress).default([]).describe('Engines beside those that are found, as `KIND=URL`.'),
    detect: z.boolean().default(true).describe('Look for engines on this machine.'),
    builtin: z.boolean().default(true).describe('Let the built-in guide answer where no real engine does.'),
    log_level: z.enum(LOG_LEVELS).default('info').describe('How much the log tells.'),
    degraded_after: seconds.default(300).describe("How long the node lives on others' capacity before it says so."),
    api_key_file: z.string().min(1).optional().describe('File of hashed API keys. Default: in the home.'),
    allowed_hosts: list(nameOfHost)
      .default([])
      .describe('Names, beside its own, by which programs call this node; without a port, with any.'),
    allowed_origins: list(origin)
      .default([])
      .describe('Web pages and apps, beside our own, that may call this node: `*` for any port of `localhost`.'),
    tls_cert: z
      .string()
      .min(1)
      .optional()
      .describe('File of a certificate with its chain (PEM): programs then reach this node by https.'),
    tls_key: z.string().min(1).optional().describe("File of the certificate's key (PEM)."),
    trusted_proxies: list(addressOrCidr)
      .default([])
      .describe('Proxies in front of the gateway that say how and by which name a client called them.'),
    private_networks: list(cidr)
      .default([])
      .describe('Private networks, beside its own subnets, in which it dials peers that others name.'),
    upnp: z.boolean().default(false).describe('Ask the router to open the port of `listen` to the internet, by UPnP.'),
    relay: relaySchema,
    registry: registrySchema,
    rentahal: rentAHalSchema,
    webrtc: webRtcSchema,
    blocked: list(peerId).default([]).describe('Nodes that are neither asked nor served nor met, by peer id.'),
    swarm_key: z
      .string()
      .min(1)
      .optional()
      .describe('File of the key of a private swarm. Default: `swarm.key` in the home; without one it is open.'),
    rendezvous: rendezvousSchema,
    budget: z
      .int()
      .min(10)
      .default(500)
      .describe(
        'Megabytes of a day, both ways, that the swarm may cost while nobody asks: above it the node gossips, searches and dials no more in the background.',
      ),
    peer_names: z
      .record(peerId, label)
      .default({})
      .describe('What you call other nodes, by peer id; your own word, which tells nobody else anything.'),
  })
  .describe('The daemon itself.')

export type NodeFile = z.output<typeof nodeSchema>

/** A peer or a whole federation whose queries we may serve, and whom we may ask, at scope `friends`. */
export interface FriendConfig {
  /** Peer id; exactly one of `peer` and `federation` is set. */
  readonly peer: string | undefined
  /** Federation id as its cards prove it. */
  readonly federation: string | undefined
  /** Wall clock after which the friendship ends, milliseconds since the epoch. */
  readonly untilMs: number | undefined
}

export interface NodeConfig {
  /** Where the gateway listens. Default `127.0.0.1:5000`; port 0 means any free port. */
  readonly http: { readonly host: string; readonly port: number }
  /** What people call this node; proves nothing. Default: the name of the host. */
  readonly name: string
  /** Multiaddrs. Default `/ip4/0.0.0.0/tcp/4501`. */
  readonly listen: readonly string[]
  /** Multiaddrs of nodes to join through; the shipped `bootstrap.json` is added by the composition. */
  readonly bootstrap: readonly string[]
  /** The swarm's name. Default `main`. */
  readonly network: string
  /** File of the key of a private swarm; undefined means the one in the home folder, where there is one. */
  readonly swarmKey: string | undefined
  readonly rendezvous: RendezvousConfig
  /** Whether nodes in the same local network are found by multicast. Default true. */
  readonly mdns: boolean
  /** Megabytes of a day that the swarm may cost beside queries. Default 500. */
  readonly budgetMB: number
  /** Whether the router is asked to open the port to the internet. Default false. */
  readonly upnp: boolean
  /** Private networks, as CIDR, in which peers that others name are dialled too, beside the own subnets. */
  readonly privateNetworks: readonly string[]
  /** File of the federation's private key; undefined means the one in the home folder. */
  readonly federationKey: string | undefined
  /** What people call the federation; proves nothing. Default: the federation id. */
  readonly federationLabel: string
  /** Where own queries go. Default `home`. */
  readonly scope: Scope
  /** Whose queries the workers serve. Default `home`. */
  readonly share: Scope
  readonly friends: readonly FriendConfig[]
  /** Peer ids that are shut out for as long as they stand there. */
  readonly blocked: readonly string[]
  /** What the owner calls other nodes, by peer id. */
  readonly peerNames: Readonly<Record<string, string>>
  readonly engines: readonly EngineAddress[]
  /** Whether engines on this machine are looked for. Default true. */
  readonly detect: boolean
  /** Whether the built-in engines answer where no real engine does. Default true. */
  readonly builtin: boolean
  /** Default `info`. */
  readonly logLevel: LogLevel
  /** How long the node may live on others' capacity before it tells its operator. Default 300,000. */
  readonly degradedAfterMs: number
  /** File of hashed API keys; undefined means the one in the home folder. */
  readonly apiKeyFile: string | undefined
  /** Names by which programs call the gateway, beside those that it knows; without a port, with any. */
  readonly allowedHosts: readonly string[]
  /** Origins of pages and apps, beside our own, that may call the gateway. */
  readonly allowedOrigins: readonly string[]
  /** Files of the gateway's certificate and its key, both or none: without them it speaks plain HTTP. */
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  /** Addresses, and networks as CIDR, of proxies in front of the gateway whose word on the client counts. */
  readonly trustedProxies: readonly string[]
  readonly relay: RelayConfig
  readonly registry: RegistryConfig
  readonly rentahal: RentAHalConfig
  readonly webrtc: WebRtcConfig
}

/** The node of a file that has passed schema and cross-check. `base` is what relative paths are relative to. */
export function resolveNode(node: NodeFile, federationId: string, base: string): NodeConfig {
  return {
    http: parseHostPort(node.http) ?? { host: '127.0.0.1', port: 0 },
    name: node.name ?? hostName(),
    listen: node.listen,
    bootstrap: node.bootstrap,
    network: node.network,
    mdns: node.mdns,
    budgetMB: node.budget,
    upnp: node.upnp,
    swarmKey: absolute(node.swarm_key, base),
    rendezvous: resolveRendezvous(node.rendezvous),
    privateNetworks: node.private_networks,
    federationKey: absolute(node.federation_key, base),
    federationLabel: node.federation_label ?? federationId,
    scope: node.scope,
    share: node.share,
    friends: node.friends.map(resolveFriend),
    blocked: node.blocked,
    peerNames: node.peer_names,
    engines: node.engines.flatMap((text) => parseEngineAddress(text) ?? []),
    detect: node.detect,
    builtin: node.builtin,
    logLevel: node.log_level,
    degradedAfterMs: node.degraded_after * 1000,
    apiKeyFile: absolute(node.api_key_file, base),
    allowedHosts: node.allowed_hosts,
    allowedOrigins: node.allowed_origins,
    tlsCert: absolute(node.tls_cert, base),
    tlsKey: absolute(node.tls_key, base),
    trustedProxies: node.trusted_proxies,
    relay: resolveRelay(node.relay),
    registry: resolveRegistry(node.registry),
    rentahal: resolveRentAHal(node.rentahal, base),
    webrtc: resolveWebRtc(node.webrtc),
  }
}

/** Without the domain: that tells more of a home than its nodes need to know. */
function hostName(): string {
  return hostname().split('.')[0]?.slice(0, 64) || 'node'
}

function resolveFriend(friend: NodeFile['friends'][number]): FriendConfig {
  return {
    peer: friend.peer,
    federation: friend.federation,
    untilMs: friend.until === undefined ? undefined : Date.parse(friend.until),
  }
}

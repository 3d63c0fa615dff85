/** `node` of realms.yml: the daemon itself. Each key that is also a flag is in settings.ts. */
import { z } from 'zod'
import { isNamedEngineKind, NAMED_ENGINE_KINDS } from '../../core/model/engine-kind.ts'
import { nearest } from '../../core/nearest.ts'
import { LOG_LEVELS } from '../config.ts'
import { parseHostPort, splitEngineAddress } from './addresses.ts'
import { cidr, label, list, multiaddrText, peerMultiaddr, scope, seconds } from './schema-parts.ts'

const hostPort = z
  .string()
  .refine((text) => parseHostPort(text) !== undefined, 'expected HOST:PORT such as 127.0.0.1:5000')

const engineAddress = z.string().superRefine((text, context) => {
  const kind = splitEngineAddress(text)?.kind
  if (kind === undefined) {
    context.addIssue('expected KIND=URL such as ollama=http://127.0.0.1:11434')
  } else if (!isNamedEngineKind(kind)) {
    const near = nearest(kind, NAMED_ENGINE_KINDS)
    const hint = near === undefined ? `known: ${NAMED_ENGINE_KINDS.join(', ')}` : `did you mean ${near}?`
    context.addIssue({ code: 'custom', message: `there is no kind of engine ${kind}`, params: { hint } })
  }
})

const origin = z
  .string()
  .refine(
    (text) => /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text,
    'expected an origin without a path such as https://chat.example.org',
  )

const friend = z
  .strictObject({
    peer: z
      .string()
      .regex(
        /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/,
        'expected a peer id such as 12D3KooW…, which realmesh status of that node prints',
      )
      .optional()
      .describe('Peer id of one node.'),
    federation: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('Id of a federation, as `realmesh status` of a member shows it.'),
    until: z
      .string()
      .refine(
        (text) => /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)),
        'expected a date such as 2030-01-31',
      )
      .optional()
      .describe('When the friendship ends.'),
  })
  .describe('A node or a federation that scope and share `friends` include.')

export const nodeSchema = z
  .strictObject({
    http: hostPort.default('127.0.0.1:5000').describe('Where programs reach this node. Port 0: any free one.'),
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
    allowed_origins: list(origin).default([]).describe('Web pages, beside our own, that may call this node.'),
    private_networks: list(cidr)
      .default([])
      .describe('Private networks, beside its own subnets, in which it dials peers that others name.'),
  })
  .describe('The daemon itself.')

export type NodeFile = z.output<typeof nodeSchema>

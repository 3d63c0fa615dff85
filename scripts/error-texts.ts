/**
 * What each error code means and what to do about it, in words for people: one row per code, read by
 * generate-error-docs.ts.
 */
import type { ErrorCode } from '../core/realmesh-error.ts'

export type ErrorGroup =
  | 'The request'
  | 'Who may ask whom'
  | 'Capacity, peers and engines'
  | 'User data'
  | 'Running a node'

interface ErrorText {
  readonly group: ErrorGroup
  readonly meaning: string
  readonly advice: string
}

type Row = readonly [meaning: string, advice: string]

const grouped = <C extends ErrorCode>(group: ErrorGroup, rows: Readonly<Record<C, Row>>): Record<C, ErrorText> => {
  const entries = Object.entries<Row>(rows).map(([code, [meaning, advice]]) => [code, { group, meaning, advice }])
  return Object.fromEntries(entries) as Record<C, ErrorText>
}

export const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText>> = {
  ...grouped('The request', {
    BAD_REQUEST: [
      'A field or header has a form or value that is not known.',
      'Correct what the message names; `param` names the field.',
    ],
    PROMPT_TOO_LARGE: [
      'The text or the pictures are larger than the realm takes.',
      'Send less, or raise `limits.prompt_bytes`.',
    ],
    CONTEXT_TOO_LONG: [
      'The prompt does not fit the window of any model that could answer; the message has both numbers.',
      'Shorten it, or name a model with more context.',
    ],
    CAPABILITY_MISSING: [
      'No model that the query may mean can do what is asked: see or draw pictures, call tools, keep to a schema, make embeddings, rank, hear, speak, chat.',
      'Name another model, or `auto`; the message says what is missing.',
    ],
    MODEL_NOT_FOUND: [
      'No node within the scope has that model.',
      'The message names the nearest; `realmesh models` lists what there is.',
    ],
    REALM_NOT_FOUND: ['The node has no realm for that kind of query.', 'Add one under `realms` in realms.yml.'],
    QUERY_NOT_FOUND: [
      'There is no finished query of yours with that id.',
      'Take the id from `x-realmesh-query`; receipts are kept for a while only.',
    ],
    FILE_NOT_FOUND: [
      'There is no file of yours with that id.',
      '`GET /v1/files` lists those that there are; they are kept 30 days, or as long as their `expires_after` says.',
    ],
    BATCH_NOT_FOUND: [
      'There is no batch of yours with that id.',
      '`GET /v1/batches` lists those that there are; they are kept 30 days.',
    ],
    RESPONSE_NOT_FOUND: [
      'There is no response of yours with that id.',
      'Take the id from the response; without history it is kept for an hour, with `store: false` not at all.',
    ],
    UNAUTHORIZED: [
      'A key or token is needed and is missing or wrong.',
      'Send `authorization: Bearer KEY`; `realmesh keys add` makes one.',
    ],
    KEY_REMOVED: [
      'The owner took the API key back while its query ran, or before its turn came: in the background, in a batch, or after a restart.',
      'Ask the owner of the node for another key; `realmesh keys add` makes one.',
    ],
    USER_BANNED: [
      'The operator of the node shut this user out; what ran for them has ended.',
      'Ask the operator of the node.',
    ],
    FORBIDDEN: [
      'Host, origin or caller is not allowed, or the API key is not for that model or realm.',
      'Use the address that the node printed; allow other names with `--allowed-host`, pages and apps with `--allowed-origin`; ask for a model of the key.',
    ],
    INVITATION_INVALID: [
      'What was given to `realmesh join` is no invitation, was cut or mistyped, or is one of this node itself.',
      'Copy the whole line that begins with `realmesh:` from the other node.',
    ],
    INVITATION_REFUSED: [
      'The inviting node does not take the invitation: it was used, has expired or was taken back, or its secret is wrong.',
      'Ask for a new one: `realmesh invite` on the other node.',
    ],
    PAIRING_REFUSED: [
      'The other node, or this one, does not pair: its owner said no, nobody answered in time, too many ask, or the two want different things.',
      'Ask again with `realmesh pair`, with both owners at their machines; `realmesh invite` needs only one.',
    ],
    PAIRING_FAILED: [
      'The digits on the two screens differ: a third node may stand between the two. Nothing was handed over.',
      'Try again; when it happens twice, take `realmesh invite` and carry the line by a way that you trust.',
    ],
    TOO_MANY_FAILURES: [
      'Too many wrong admin tokens within a minute.',
      'Wait as long as `Retry-After` says; the token is in `admin.token` of the home.',
    ],
    KEY_LIMIT: [
      'The API key has used up what its owner allows: requests or tokens per minute, tokens per day, or queries at once.',
      'Wait as long as `Retry-After` says; `realmesh keys change` raises the limits of a key.',
    ],
  }),
  ...grouped('Who may ask whom', {
    SCOPE_REFUSED: [
      'The query asks for a wider scope than the owner allows in its realm.',
      'Ask with a narrower scope, or widen `scope` of the realm.',
    ],
    SHARE_REFUSED: [
      'The node that was asked does not serve you.',
      'Ask its owner for the federation key or for friendship.',
    ],
    CONSENT_NEEDED: [
      'The first public query needs the owner’s yes: strangers can read the prompt.',
      '`realmesh consent public`, if that is what you want.',
    ],
  }),
  ...grouped('Capacity, peers and engines', {
    NODE_LIMIT: [
      'The query is larger, or takes longer, than its owner lets a node serve others; no other node that could take it was left.',
      'Send less, or ask for less; `limits` of the realm, and `limits.strangers`, are what an owner may raise.',
    ],
    REALM_OVERLOADED: ['Every place that fits is full, or would take too long.', 'Wait as long as `Retry-After` says.'],
    NO_WORKER: [
      'No healthy worker serves this now, here or within the scope.',
      'The message names the cause of each; `realmesh status` says more.',
    ],
    DRAINING: ['The node is about to stop.', 'Ask again in a moment, or ask another node.'],
    PEER_UNREACHABLE: ['A node could not be dialled.', 'Nothing, if it is off; otherwise check address and firewall.'],
    PEER_LOST: ['A node fell silent, or the connection broke.', 'Ask again; other nodes are tried by themselves.'],
    PROTOCOL_ERROR: ['A node sent something that is against the protocol.', 'Compare the versions of both nodes.'],
    ENGINE_BUSY: ['The engine itself refused for load.', 'Ask again, or give the worker fewer `slots`.'],
    ENGINE_LOADING: ['The engine is still loading the model.', 'Ask again in a moment.'],
    ENGINE_FAILED: ['The engine refused, failed or closed the connection.', 'Look into the engine’s own log.'],
    ENGINE_GARBAGE: [
      'The engine sent something that is not its protocol.',
      'Check that URL and kind of the worker belong together.',
    ],
    TIMEOUT: [
      'Something took longer than its limit; the message names what.',
      'Ask again; `limits.seconds` of the realm bounds the whole.',
    ],
    ANSWER_CUT: [
      'The answer broke off and nobody could go on with it.',
      'Ask again; what arrived is not the whole answer.',
    ],
    CANCELLED: ['The client left, or the node stopped.', 'Nothing.'],
    TERMINATED: ['The operator of the node ended the query. It costs nothing.', 'Ask the operator of the node.'],
  }),
  ...grouped('User data', {
    STORAGE_FULL: [
      'The disk is full; writes are refused before anything is damaged.',
      'Make room; writing goes on by itself.',
    ],
    STORAGE_DAMAGED: [
      'A store or a record does not match its counters or checksums.',
      '`realmesh verify`, then `realmesh restore` from a backup.',
    ],
    STORAGE_LOCKED: ['Another process has the store open.', 'Stop the other one.'],
    STORAGE_CLOSED: ['The store is closed: the node is stopping.', 'Start the node.'],
    STORAGE_FAILED: [
      'The storage software refused; the message names the cause.',
      'Check disk and rights of the home folder.',
    ],
    USER_NOT_FOUND: [
      'There is no such user on this node.',
      '`realmesh users list` shows who there is; users live on the node where they asked.',
    ],
    NICKNAME_TAKEN: ['Another user has that nickname.', 'Choose another.'],
    SHARD_NOT_FOUND: ['There is no shard of that name.', '`realmesh shards status` lists them.'],
    BACKUP_INVALID: [
      'The folder holds no backup, or a damaged one.',
      '`realmesh verify DIR` says what is wrong; use another.',
    ],
  }),
  ...grouped('Running a node', {
    USAGE: ['The command line is wrong.', '`realmesh COMMAND --help`.'],
    CONFIG_INVALID: [
      'realms.yml, a flag or a variable has a value that cannot be.',
      '`realmesh config validate` lists everything, with lines.',
    ],
    CONFIG_CHANGED: [
      'realms.yml was changed by hand since the node read it: a change by command would undo that.',
      '`realmesh config reload`, then the command again.',
    ],
    CONFIG_UNREADABLE: ['A configuration file cannot be read.', 'Check its path and rights.'],
    BAD_MULTIADDR: [
      'An address of a node is not one, or names no peer.',
      'Write it like `/ip4/192.0.2.7/tcp/4501/p2p/PEERID`.',
    ],
    BIND_REFUSED: [
      'The gateway may not or cannot listen there.',
      'Add a key for addresses beyond loopback, or choose another.',
    ],
    PORT_IN_USE: ['Another program listens on that port.', 'Choose another; port 0 takes any free one.'],
    HOME_LOCKED: [
      'A node runs with this home already; the message names its pid.',
      'Use it, stop it, or take another `--home`.',
    ],
    HOME_UNUSABLE: ['The home folder cannot be made or written.', 'Give `--home` a folder that you own.'],
    KEY_FILE_LAX: ['Others may read a key file.', '`chmod 600` it; if it was readable for long, make a new key.'],
    KEY_FILE_BAD: [
      'A key file holds something else.',
      'Put the right file back, or move it away: a new key is a new identity.',
    ],
    DAEMON_NOT_RUNNING: ['No node runs with this home.', '`realmesh up`, or name its home with `--home`.'],
    INTERNAL: ['A fault of ours.', 'The node’s log has the stack; please report it.'],
  }),
}

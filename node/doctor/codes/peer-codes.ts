/** Codes of what the doctor finds out about one peer: why it cannot be reached, or does not serve this node. */
import type { CodeRow } from './code-row.ts'

export const PEER_CODES = {
  'peer.ok': { state: 'ok', means: 'The peer is connected and serves this node.' },
  'peer.unknown': {
    state: 'fail',
    means: 'No peer has that name or id.',
    fix: 'realmesh peers lists them; an id is taken whole, or by its last characters.',
  },
  'peer.self': { state: 'fail', means: 'That is this node itself.', fix: 'Name another node.' },
  'peer.blocked': { state: 'fail', means: 'You blocked the peer.', fix: 'realmesh peers unblock PEER' },
  'peer.shut-out': {
    state: 'fail',
    means: 'This node shut the peer out, since it broke a rule.',
    fix: 'It ends by itself; realmesh peers unblock PEER ends it now.',
  },
  'peer.no-address': {
    state: 'fail',
    means: 'The peer is not connected, and no address of it is known.',
    fix: 'Take an address that realmesh status prints there: --bootstrap ADDRESS',
  },
  'peer.unreached': {
    state: 'fail',
    means: 'The peer is not connected, and answers at none of its addresses.',
    fix: 'Is it on? A firewall may drop its port; --json has the result of each address.',
  },
  'peer.reached': { state: 'ok', means: 'The peer was not connected, and is now.' },
  'peer.other-network': {
    state: 'fail',
    means: 'The peer belongs to another network: the two never mix.',
    fix: 'Give both nodes the same network: realmesh config set node.network NAME',
  },
  'peer.other-protocol': {
    state: 'fail',
    means: 'The peer speaks another version of the protocol, or is no realmesh node.',
    fix: 'Run the same version on both.',
  },
  'peer.no-card': {
    state: 'fail',
    means: 'The peer is connected and does not say what it is.',
    fix: 'Restart it; then compare the versions of both nodes.',
  },
  'peer.clock': {
    state: 'fail',
    means: "The peer's clock and the one here differ: its load is not believed.",
    fix: 'Set the wrong one: timedatectl set-ntp true',
  },
  'peer.out-of-scope': {
    state: 'fail',
    means: 'Queries of this node do not go as far as that peer.',
    fix: 'realmesh config set node.scope WIDER, or make it yours: realmesh invite',
  },
  'peer.not-shared': {
    state: 'fail',
    means: 'The peer does not serve nodes that are to it what this one is.',
    fix: 'Its owner: realmesh invite, or share wider with realmesh config set node.share.',
  },
  'peer.paused': { state: 'fail', means: 'The owner of the peer serves no others for now.', fix: 'Ask its owner.' },
  'peer.draining': { state: 'fail', means: 'The peer takes no new queries.', fix: 'Wait until it is back.' },
  'peer.no-models': {
    state: 'fail',
    means: 'The peer offers no model.',
    fix: 'Start an engine there; realmesh doctor there says more.',
  },
  'peer.lacks-model': {
    state: 'fail',
    means: 'The peer does not offer that model.',
    fix: 'realmesh models lists what there is.',
  },
  'peer.silent': {
    state: 'warn',
    means: 'The peer is connected and has said nothing of its load lately.',
    fix: 'Wait ten seconds; a clock that differs does this too.',
  },
  'peer.full': { state: 'warn', means: 'All of the peer is busy now.', fix: 'Wait, or ask another node.' },
  'peer.failing': {
    state: 'fail',
    means: 'Queries to the peer failed, so that none is sent for now.',
    fix: 'realmesh trace tells how they failed; it is tried again by itself.',
  },
  'peer.relayed': {
    state: 'warn',
    means: 'The peer is reached over a relay only: slower, and within its budget.',
    fix: 'A port forward or UPnP on one side makes it direct; so does WebRTC on both.',
  },
  'peer.refused': {
    state: 'fail',
    means: 'The peer refused a test query.',
    fix: 'What the line says.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

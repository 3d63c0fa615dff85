/** Codes of what the doctor finds out about the swarm as a running node sees it. */
import type { CodeRow } from './code-row.ts'

export const SWARM_CODES = {
  'clock.ok': { state: 'ok', means: 'The clock agrees with those of peers.' },
  'clock.unknown': { state: 'unknown', means: 'No peer has told its time yet.' },
  'clock.wrong': {
    state: 'fail',
    means: 'The clock differs from those of all peers: nobody believes the load of this node.',
    fix: 'Set the clock: timedatectl set-ntp true',
  },
  'clock.peer-wrong': {
    state: 'warn',
    means: "A peer's clock differs from the one here: its load is not believed.",
    fix: 'Set the wrong one: timedatectl set-ntp true',
  },
  'identity.ok': { state: 'ok', means: 'No other node has the identity of this one.' },
  'identity.twin': {
    state: 'fail',
    means: 'Another node runs with the identity of this one: a home was copied.',
    fix: 'Stop one, delete data/identity.key and state/peers.json in its home, start it.',
  },
  'serving.ok': { state: 'ok', means: 'This node serves whom it shares with.' },
  'serving.paused': { state: 'warn', means: 'Its owner serves no others for now.', fix: 'realmesh resume' },
  'serving.draining': { state: 'warn', means: 'This node takes no new queries.', fix: 'realmesh undrain' },
  'serving.nobody': {
    state: 'warn',
    means: 'Engines are here, and share is local: no other node is served.',
    fix: 'realmesh config set node.share home',
  },
  'reach.ok': { state: 'ok', means: 'Others can open connections to this node.' },
  'reach.unknown': { state: 'unknown', means: 'Nobody has tried to reach this node yet.' },
  'reach.relayed': {
    state: 'ok',
    means: 'Others cannot dial this node; they come through relays, and then directly where WebRTC gets through.',
  },
  'reach.loopback': {
    state: 'warn',
    means: 'This node listens on loopback only: no other machine reaches it.',
    fix: 'realmesh config set node.listen /ip4/0.0.0.0/tcp/4501, then restart it',
  },
  'reach.no-way-in': {
    state: 'warn',
    means: 'Others cannot dial this node, and no relay brings them.',
    fix: "Forward the peers' TCP port in your router, or join a node that can be dialled.",
  },
  'relays.unneeded': { state: 'ok', means: 'Others dial this node, or nobody tried: no relay is needed.' },
  'relays.ok': { state: 'ok', means: 'Relays bring others to this node.' },
  'relays.single': {
    state: 'warn',
    means: 'Only one relay brings others: when it goes, they have no way to this node for a while.',
    fix: 'Join one more node that can be dialled: --bootstrap ADDRESS',
  },
  'nat.unknown': {
    state: 'unknown',
    means: 'Not enough nodes of the internet are connected to tell what the router does.',
  },
  'nat.none': { state: 'ok', means: 'No router is in between: the internet sees an address of this machine.' },
  'nat.same': { state: 'ok', means: 'The router shows one port to all: a direct way can be opened (WebRTC).' },
  'nat.symmetric': {
    state: 'warn',
    means: 'The router shows another port to each: no direct way can be opened, relays carry everything.',
    fix: "Forward the peers' TCP port in the router; a full-cone or restricted NAT helps too.",
  },
  'nat.no-udp': {
    state: 'warn',
    means: 'UDP does not pass: no direct way can be opened, relays carry everything.',
    fix: 'Let UDP out in the firewall of this machine or network.',
  },
  'bootstrap.ok': { state: 'ok', means: 'A bootstrap peer is connected.' },
  'bootstrap.none': {
    state: 'unknown',
    means: 'No bootstrap peer is named: others are met in the local network, or by invitations.',
  },
  'bootstrap.unreached': {
    state: 'fail',
    means: 'A bootstrap peer is not reached.',
    fix: 'Is it on? Compare with the addresses that realmesh status prints there.',
  },
  'bootstrap.unresolved': {
    state: 'fail',
    means: 'The name of a bootstrap peer leads to no address.',
    fix: 'Is this machine on the internet? dig TXT _dnsaddr.NAME shows what the name says.',
  },
  'bootstrap.other-network': {
    state: 'fail',
    means: 'A bootstrap peer belongs to another network: the two never mix.',
    fix: 'Give both nodes the same network: realmesh config set node.network NAME',
  },
  'bootstrap.no-realmesh': {
    state: 'fail',
    means: 'A bootstrap peer answers and is no realmesh node that this version understands.',
    fix: 'Compare the versions of both nodes.',
  },
  'dht.ok': { state: 'ok', means: 'The DHT knows other nodes.' },
  'dht.empty': {
    state: 'warn',
    means: 'Peers are connected and the DHT knows none: nobody beyond them is found.',
    fix: 'Wait a minute; then compare the versions of the nodes.',
  },
  'dht.alone': { state: 'unknown', means: 'No peer is connected, so the DHT is empty.' },
  'gossip.ok': { state: 'ok', means: 'Load records are passed on with peers.' },
  'gossip.no-mesh': {
    state: 'warn',
    means: 'Peers are connected and none passes load records on.',
    fix: 'Wait ten seconds; then restart the node, and report it.',
  },
  'gossip.alone': { state: 'unknown', means: 'No peer is connected, so nothing is passed on.' },
  'mdns.ok': { state: 'ok', means: 'Neighbours are heard and reached.' },
  'mdns.off': { state: 'skipped', means: 'Looking for neighbours is switched off.', fix: 'Leave --no-mdns out.' },
  'mdns.nobody': {
    state: 'unknown',
    means: 'No neighbour is heard: there is none, or the network drops multicast.',
    fix: 'Guest Wi-Fi, VPNs and containers drop it: then realmesh invite, or --bootstrap.',
  },
  'mdns.isolated': {
    state: 'fail',
    means: 'A neighbour is heard and cannot be dialled: the Wi-Fi keeps its clients apart, or a firewall does.',
    fix: 'Switch AP (client) isolation off, use the same Wi-Fi, or open the port there.',
  },
  'mdns.other-subnet': {
    state: 'fail',
    means: 'A neighbour is heard with addresses of subnets that this machine is not in.',
    fix: 'Let it listen on the interface that both share: --listen /ip4/ADDRESS/tcp/4501',
  },
  'peers.ok': { state: 'ok', means: 'Nodes are connected.' },
  'peers.none': {
    state: 'warn',
    means: 'No other node is connected.',
    fix: 'realmesh invite here and realmesh join LINE there; or --bootstrap.',
  },
  'peers.not-served': {
    state: 'warn',
    means: 'A node of yours, or a friend, is connected, has models and does not serve this one.',
    fix: 'realmesh doctor PEER says more of it.',
  },
  'query.ok': { state: 'ok', means: 'A test query went to a peer, and its answer came back.' },
  'query.none': { state: 'skipped', means: 'No connected peer serves chats to this node, so no test query was sent.' },
  'query.slow': {
    state: 'warn',
    means: 'The test query had no answer in time: the model may still be loading there.',
    fix: 'Run the doctor again in a minute.',
  },
  'query.failed': {
    state: 'fail',
    means: 'The test query failed at the peer.',
    fix: 'realmesh doctor PEER says more of that peer.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

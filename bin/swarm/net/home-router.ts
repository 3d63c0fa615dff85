/** A home's router: what its nodes send goes out under one address, and nothing comes in that was not asked for. */
import type { HomePlan } from '../topology/topology-schema.ts'
import { ipBatch, runIn } from './namespaces.ts'

/** The address of the router within home number `home`, and of node number `index`. */
export function routerAddress(home: number): string {
  return `192.168.${home}.1`
}

export function lanAddress(home: number, index: number): string {
  return `192.168.${home}.${10 + index}`
}

/** Rules for nftables. Pure. */
export function routerRules({ nat, udp }: Pick<HomePlan, 'nat' | 'udp'>): string {
  return `table ip nat4 {
  chain post {
    type nat hook postrouting priority 100; policy accept;
    oifname "e0" masquerade${nat === 'symmetric' ? ' fully-random' : ''}
  }
}
table inet homefw {
  chain incoming {
    type filter hook input priority 0; policy accept;
    iifname "e0" ct state new drop
  }
  chain forwarding {
    type filter hook forward priority 0; policy drop;
    ${udp ? '' : 'meta l4proto udp drop'}
    ct state established,related accept
    iifname "lan" accept
  }
}
`
}

/** Makes the namespace a router between its device e0 and a bridge for the home's nodes. */
export function makeRouter(namespace: string, home: number, plan: HomePlan): void {
  ipBatch(namespace, ['link add lan type bridge', `addr add ${routerAddress(home)}/24 dev lan`, 'link set lan up'])
  runIn(namespace, 'sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
  // Strays must be dropped before they are tracked, or replies leave from another port and no hole can be punched.
  runIn(namespace, 'nft', ['-f', '-'], routerRules(plan))
}

/** Plugs a node's namespace into the home. */
export function plugIn(router: string, node: string, home: number, index: number): void {
  ipBatch(router, [`link add p${index} type veth peer name e0 netns ${node}`, `link set p${index} master lan up`])
  ipBatch(node, [
    `addr add ${lanAddress(home, index)}/24 dev e0`,
    'link set e0 up',
    `route add default via ${routerAddress(home)}`,
  ])
}

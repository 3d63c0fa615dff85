/**
 * Hostile peers in a process of their own: `hostile-child.ts ADDRESS NETWORK COUNT [apart|together [KIND]]`, each from
 * an address of its own or all from one. Each sends volleys of all kinds in turn, or of that kind, and comes back with a
 * new identity when it is shut out. Prints a line once it has begun; ends with its standard input, after one line of
 * JSON: the volleys that were sent, and by how many identities.
 */
import process from 'node:process'
import '../../core/node20-shim.ts'
import { FLOODS, HostilePeer } from './hostile-peer.ts'

const [, , address = '', network = '', count = '5', where = 'apart', kind] = process.argv
const apart = where === 'apart'
const floods = FLOODS.filter((flood) => kind === undefined || flood === kind)

let over = false
let volleys = 0
let identities = 0

async function attack(first: number): Promise<void> {
  while (!over) {
    const peer = await HostilePeer.against(address, network, apart ? first : 0)
    identities += 1
    for (let i = first; !over && (await peer.isLetIn()); i += 1) {
      const flood = floods[i % floods.length]
      if (flood !== undefined) await peer.send(flood)
      volleys += 1
      if (volleys === 1) console.log('begun')
    }
    await peer.stop()
  }
}

const attacks = Promise.all(Array.from({ length: Number(count) }, (_, i) => attack(i)))
process.stdin
  .once('end', () => {
    over = true
    void attacks.finally(() => {
      console.log(JSON.stringify({ volleys, identities }))
      process.exit(0)
    })
  })
  .resume()

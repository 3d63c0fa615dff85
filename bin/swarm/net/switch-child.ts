/**
 * The wide network of a topology, as a process in a namespace of its own: every link is a VXLAN whose frames come here
 * as UDP and go on to where they are addressed, late, or not at all. So the kernel needs no module for delay and loss,
 * and no program beside Node. Told what to do over IPC; ends with its parent.
 */
import { createSocket } from 'node:dgram'
import process from 'node:process'
import { LinkWeather } from './link-weather.ts'
import { frameRoute, SWITCH_ADDRESS, TUNNEL_ADDRESS, VXLAN_PORT } from './vxlan-frame.ts'
import type { SwitchOrder } from './wide-network.ts'

/** Frames under way before new ones are dropped, as at a router whose queue is full. */
const MAX_UNDER_WAY = 20_000
/** What the kernel holds while this process is busy: a second of a full line. */
const SOCKET_BUFFER_BYTES = 4 * 1_024 * 1_024

let weather = new LinkWeather(1)
let links: readonly number[] = []
let underWay = 0
const counts = { arrived: 0, lost: 0, overflowed: 0 }

const socket = createSocket('udp4')
socket.on('message', (frame) => {
  const route = frameRoute(frame, links)
  if (route === undefined) return
  for (const to of route.to) carry(frame, route.from, to, route.isNeighbourTalk)
})
// A namespace that is being taken down refuses packets; that is no reason to end before the parent says so.
socket.on('error', () => {})

function carry(frame: Buffer, from: number, to: number, exempt: boolean): void {
  const delay = weather.delay(from, to, exempt)
  if (delay === undefined) {
    counts.lost += 1
    return
  }
  if (underWay >= MAX_UNDER_WAY) {
    counts.overflowed += 1
    return
  }
  const copy = Buffer.from(frame)
  copy.writeUIntBE(to, 4, 3)
  const send = (): void => {
    counts.arrived += 1
    socket.send(copy, VXLAN_PORT, TUNNEL_ADDRESS)
  }
  if (delay < 1) {
    send()
    return
  }
  underWay += 1
  setTimeout(() => {
    underWay -= 1
    send()
  }, delay)
}

process.on('message', (order: SwitchOrder) => {
  if (order.do === 'begin') {
    weather = new LinkWeather(order.seed)
    links = order.links
  } else if (order.do === 'all') weather.setAll(order.conditions)
  else if (order.do === 'link') weather.setLink(order.link, order.conditions)
  else if (order.do === 'part') weather.part(order.groups)
  process.send?.({ counts })
})
process.once('disconnect', () => process.exit(0))
socket.bind(VXLAN_PORT, SWITCH_ADDRESS, () => {
  socket.setRecvBufferSize(SOCKET_BUFFER_BYTES)
  socket.setSendBufferSize(SOCKET_BUFFER_BYTES)
  process.send?.({ ready: true })
})

/** Between gateways and workers: transit, breaks, and which sends are under way where. */
import type { NodeLoad } from '../../core/model/load.ts'
import type { ErrorCode } from '../../core/realmesh-error.ts'
import type { EventQueue } from './event-queue.ts'
import { GOSSIP_DELAY_MS, type Lie, LOSS_DETECTION_MS, TRANSIT_MS } from './scenario.ts'
import type { Job, SimulatedWorker } from './simulated-worker.ts'

/** What a gateway hears of one send. After an end or a failure nothing more comes. */
export interface SendHandler {
  readonly sizeMs: number
  /** The worker has begun; called at the worker's own time, before the news travels. */
  onStarted(): void
  onHead(): void
  onEnd(): void
  onRefused(retryAfterMs: number): void
  onFailed(code: ErrorCode): void
}

/** The gateway's side, as the network knows it. */
export interface Receiver {
  /** Which half of a partition it is in. */
  readonly half: number
  /** `gossip`: it did not ride on a reply. */
  heard(worker: string, load: NodeLoad, gossip: boolean): void
  connect(worker: SimulatedWorker): void
  disconnect(worker: string): void
}

/** One send under way. `cancel` is what the gateway may do about it. */
export interface Send {
  cancel(): void
}

interface Transfer {
  readonly from: Receiver
  readonly to: SimulatedWorker
  readonly job: Job
  readonly handler: SendHandler
  over: boolean
}

export class SimulatedNetwork {
  readonly #time: EventQueue
  readonly #lie: Lie
  readonly #workers: ReadonlyMap<string, SimulatedWorker>
  readonly #links = new Map<SimulatedWorker, Receiver[]>()
  readonly #transfers = new Map<SimulatedWorker, Set<Transfer>>()
  #cut = false

  constructor(time: EventQueue, workers: readonly SimulatedWorker[], lie: Lie) {
    this.#time = time
    this.#lie = lie
    this.#workers = new Map(workers.map((worker) => [worker.id, worker]))
  }

  link(receiver: Receiver, worker: SimulatedWorker): void {
    const receivers = this.#links.get(worker) ?? []
    receivers.push(receiver)
    this.#links.set(worker, receivers)
    receiver.connect(worker)
    receiver.heard(worker.id, worker.statement(), true)
  }

  send(from: Receiver, id: string, handler: SendHandler): Send {
    const to = this.#workers.get(id)
    if (to === undefined) throw new Error(`the policy chose ${id}, which does not exist`)
    const transfer: Transfer = { from, to, handler, over: false, job: this.#job(handler, () => transfer) }
    this.#under(to).add(transfer)
    this.#time.after(TRANSIT_MS, () => this.#arrive(transfer))
    return {
      cancel: () => {
        this.#over(transfer)
        this.#time.after(TRANSIT_MS, () => to.cancel(transfer.job))
      },
    }
  }

  /** One load record to all who know the worker. */
  gossip(worker: SimulatedWorker): void {
    if (!worker.up) return
    const load = worker.gossip()
    for (const receiver of this.#links.get(worker) ?? []) {
      if (this.#isCut(receiver, worker)) continue
      this.#time.after(GOSSIP_DELAY_MS, () => receiver.heard(worker.id, load, true))
    }
  }

  crash(worker: SimulatedWorker): void {
    worker.crash()
    for (const transfer of [...this.#under(worker)]) this.#fail(transfer, 'PEER_LOST', TRANSIT_MS)
    for (const receiver of this.#links.get(worker) ?? []) receiver.disconnect(worker.id)
  }

  restart(worker: SimulatedWorker): void {
    worker.up = true
    for (const receiver of this.#links.get(worker) ?? [])
      if (!this.#isCut(receiver, worker)) this.#greet(receiver, worker)
  }

  /** Cuts the swarm in two, or heals it. */
  partition(cut: boolean): void {
    this.#cut = cut
    for (const [worker, receivers] of this.#links) {
      for (const receiver of receivers.filter((other) => other.half !== halfOf(worker))) {
        if (cut) this.#time.after(LOSS_DETECTION_MS, () => this.#cut && receiver.disconnect(worker.id))
        else if (worker.up) this.#greet(receiver, worker)
      }
      if (!cut) continue
      for (const transfer of [...this.#under(worker)]) {
        if (!this.#isCut(transfer.from, worker)) continue
        this.#time.after(LOSS_DETECTION_MS, () => worker.cancel(transfer.job))
        this.#fail(transfer, 'PEER_LOST', LOSS_DETECTION_MS)
      }
    }
  }

  #greet(receiver: Receiver, worker: SimulatedWorker): void {
    receiver.connect(worker)
    receiver.heard(worker.id, worker.statement(), true)
  }

  #arrive(transfer: Transfer): void {
    const { from, to, handler } = transfer
    if (transfer.over) return
    if (!to.up) this.#fail(transfer, 'PEER_LOST', TRANSIT_MS)
    else if (this.#isCut(from, to)) this.#fail(transfer, 'PEER_UNREACHABLE', LOSS_DETECTION_MS)
    else if (to.lies) this.#deceive(transfer)
    else {
      const admission = to.offer(transfer.job)
      if (!admission.admitted) this.#reply(transfer, true, () => handler.onRefused(admission.retryAfterMs))
    }
  }

  #deceive(transfer: Transfer): void {
    if (this.#lie === 'fail') this.#fail(transfer, 'PEER_LOST', TRANSIT_MS)
    if (this.#lie === 'refuse') this.#reply(transfer, true, () => transfer.handler.onRefused(100))
  }

  #job(handler: SendHandler, transfer: () => Transfer): Job {
    return {
      sizeMs: handler.sizeMs,
      onStart: () => {
        handler.onStarted()
        this.#reply(transfer(), false, () => handler.onHead())
      },
      onEnd: () => this.#reply(transfer(), true, () => handler.onEnd()),
    }
  }

  /** News of a send, with a fresh load record riding on it. */
  #reply(transfer: Transfer, last: boolean, tell: () => void): void {
    const { from, to } = transfer
    if (transfer.over || this.#isCut(from, to)) return
    const load = to.statement()
    this.#time.after(TRANSIT_MS, () => {
      if (transfer.over || this.#isCut(from, to)) return
      if (last) this.#over(transfer)
      if (to.up) from.heard(to.id, load, false)
      tell()
    })
  }

  #fail(transfer: Transfer, code: ErrorCode, afterMs: number): void {
    this.#time.after(afterMs, () => {
      if (transfer.over) return
      this.#over(transfer)
      transfer.handler.onFailed(code)
    })
  }

  #over(transfer: Transfer): void {
    transfer.over = true
    this.#under(transfer.to).delete(transfer)
  }

  #under(worker: SimulatedWorker): Set<Transfer> {
    let transfers = this.#transfers.get(worker)
    if (transfers === undefined) {
      transfers = new Set()
      this.#transfers.set(worker, transfers)
    }
    return transfers
  }

  #isCut(receiver: Receiver, worker: SimulatedWorker): boolean {
    return this.#cut && receiver.half !== halfOf(worker)
  }
}

/** Workers with an even number are in half 0. */
function halfOf(worker: SimulatedWorker): number {
  return Number(worker.id.slice(1)) % 2
}

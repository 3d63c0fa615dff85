/** The WebSockets of `/v1/responses`. */
import type { BodyBudget } from '../../../request/body-budget.ts'
import { SocketDoor } from '../../../sockets/socket-door.ts'
import { SocketSession, type SocketSessionComponents } from './socket-session.ts'

export interface ResponseSocketsComponents
  extends Omit<SocketSessionComponents, 'socket' | 'connection' | 'share' | 'request'> {
  /** Counts what is held of messages, with the bodies of requests. */
  readonly budget: BodyBudget
}

/** Each of them asks for responses, one behind the other. */
export function responseSockets({ budget, ...components }: ResponseSocketsComponents): SocketDoor {
  return new SocketDoor({ budget, begin: (opened) => new SocketSession({ ...components, ...opened }) })
}

/** A command that is one call to the running node, as the operator, and no more. */
import type { Invocation, RunCommand } from '../../cli/command.ts'
import { printResult, type Result } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

export interface Act<Reply> {
  /** The row of gateway/admin/admin-actions.ts. */
  readonly act: string
  /** What is sent. Throws `USAGE`, before anything is. @default {} */
  readonly body?: (invocation: Invocation) => object | Promise<object>
  /** A further row, with an empty body, whose reply is told instead. */
  readonly toldBy?: string
  readonly tell: (reply: Reply, invocation: Invocation) => Result
}

export function actCommand<Reply>({ act, body, toldBy, tell }: Act<Reply>): RunCommand {
  return async (invocation) => {
    const sent = (await body?.(invocation)) ?? {}
    const client = await GatewayClient.connectAsOperator(invocation.home)
    const reply = await client.act(act, sent)
    return printResult(invocation, tell((toldBy === undefined ? reply : await client.act(toldBy)) as Reply, invocation))
  }
}

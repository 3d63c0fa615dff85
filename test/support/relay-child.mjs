/**
 * A relay between a TCP port and a Unix socket, as a process: sockets in the file system are seen from every network
 * namespace, ports are not. `relay-child.mjs --listen TARGET --connect TARGET`, each a port on 127.0.0.1 or a path.
 * Prints one line when it listens, and ends with its standard input. Plain JavaScript: it starts ten times faster.
 */
import { connect, createServer } from 'node:net'
import process from 'node:process'

function target(flag) {
  const text = process.argv[process.argv.indexOf(flag) + 1] ?? ''
  return /^\d+$/.test(text) ? { port: Number(text), host: '127.0.0.1' } : { path: text }
}

const to = target('--connect')
const server = createServer((incoming) => {
  const outgoing = connect(to)
  incoming.pipe(outgoing).pipe(incoming)
  // Either end may break; then the other is closed, as if there were no relay.
  incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy())
  outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy())
})
server.listen(target('--listen'), () => console.log('ready'))
process.stdin.once('end', () => process.exit(0)).resume()

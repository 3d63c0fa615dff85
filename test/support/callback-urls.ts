/** Addresses by which a host could try to have this node call a place on its own machine or network. */

const LOOPBACK = [
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '0x7f.1',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '2130706433',
  ],
  ...['localhost', 'LOCALHOST', 'localhost.', '0.0.0.0', '0', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ...['[0:0:0:0:0:ffff:127.0.0.1]', '127.0.0.1.', '127.127.127.127', '[::127.0.0.1]', '①②⑦.⓪.⓪.①', '127。0。0。1'],
] as const

const CLOUD = ['169.254.169.254', '[fd00:ec2::254]', '0xa9fea9fe', '2852039166', 'metadata.google.internal'] as const

/** More than two hundred, all meant for `port` where they name this machine. */
export function callbackUrls(port: number): readonly string[] {
  const here = LOOPBACK.flatMap((host) => [
    `http://${host}:${port}`,
    `https://${host}:${port}/`,
    `http://user:pass@${host}:${port}/x`,
    `http://example.com@${host}:${port}`,
    `http://${host}:${port}\\@example.com`,
    `HTTP://${host}:${port}/../..`,
    `http://${host}:${port}#@example.com/`,
    `http://${host}:${port}/?u=http://example.com`,
  ])
  const away = CLOUD.flatMap((host) => [`http://${host}/latest/meta-data/`, `http://${host}:80@127.0.0.1:${port}/`])
  const odd = [
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    `//127.0.0.1:${port}`,
    `http:127.0.0.1:${port}`,
    'http://',
    'dict://x',
  ]
  return [...here, ...away, ...odd, `http://127.0.0.1:${port}%2f@example.com`, `http:\\\\127.0.0.1:${port}`]
}

import type { CardContent } from '../../protocols/card/card-codec.ts'

/** A card's content with everything filled in; tests override what they are about. */
export function cardContent(overrides: Partial<CardContent> = {}): CardContent {
  return {
    network: 'test',
    version: '0.1.0',
    name: 'desk',
    label: 'rig',
    realms: [{ name: '$CHAT', queryType: 'chat' }],
    models: [
      {
        realm: '$CHAT',
        slots: 2,
        model: {
          name: 'llama3.1:8b',
          types: ['chat', 'vision'],
          capabilities: { vision: true, tools: true, reasoning: false, structured: true, prefill: true },
          unsure: ['tools'],
          contextLength: 8_192,
          quantization: 'Q4_K_M',
          parameterSize: '8B',
          digest: 'sha256:00',
          family: 'llama',
        },
      },
    ],
    share: 'home',
    addresses: ['/ip4/192.168.1.7/tcp/4501'],
    seq: 3,
    issuedAt: 1_700_000_000_000,
    ...overrides,
  }
}

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { seal } from './seal.js'

// `npm run dev` shows the sources live on top of a real gateway: ANDON_SOCKET is
// its socket.
const socket = process.env.ANDON_SOCKET ?? `${process.env.HOME}/.andon/andon.sock`

export default defineConfig({
  plugins: [svelte(), seal()],
  build: {
    outDir: '../internal/webui/dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the policy of contents allows no data: but for images
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: { socketPath: socket, host: 'localhost' }, changeOrigin: true } } },
})

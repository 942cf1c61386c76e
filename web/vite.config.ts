import { defineConfig } from 'vite'

// The server forbids inline scripts and styles, so nothing may be inlined; the
// relative base lets the page live below a path prefix.
export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    reportCompressedSize: true,
    chunkSizeWarningLimit: 2000, // Swagger UI is one piece
    rolldownOptions: { input: ['index.html', 'explorer.html'] },
  },
})

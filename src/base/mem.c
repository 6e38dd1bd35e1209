/* base/mem.c -- see mem.h. Large blocks come from mmap: they are zero, and a page that is never
 * touched costs nothing, which the tree's pool of points relies on. Small ones come from the heap,
 * which has touched pages at hand: what is made and freed in every step would fault them in
 * anew. */
#define _GNU_SOURCE
#include "base/mem.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define MST_ON_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MST_ON_HEAP 1
#endif
#endif

typedef struct header {
  size_t bytes;
  char pad[64 - sizeof(size_t)];
} header;

static void *heap_get(size_t bytes) {
  size_t whole = (bytes + 63) & ~(size_t)63;
  void *p = whole < bytes ? NULL : aligned_alloc(64, whole);
  if (p) memset(p, 0, whole);
  return p;
}

#ifdef MST_ON_HEAP
/* The heap is slower and touches every page, but there the sanitizer sees overruns and leaks. */
static void *pages_get(size_t bytes) { return heap_get(bytes); }
static void pages_put(void *p, size_t bytes) {
  (void)bytes;
  free(p);
}
#else
#define SMALL ((size_t)256 << 10)
static void *pages_get(size_t bytes) {
  if (bytes < SMALL) return heap_get(bytes);
  void *p =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= ((size_t)64 << 20)) (void)madvise(p, bytes, MADV_HUGEPAGE);
#endif
  return p;
}
static void pages_put(void *p, size_t bytes) {
  if (bytes < SMALL)
    free(p);
  else
    munmap(p, bytes);
}
#endif

masting_status mst_alloc(void **p, size_t count, size_t size, const char *what, mst_error *err) {
  *p = NULL;
  if (size && count > (SIZE_MAX - sizeof(header)) / size)
    return mst_fail(err, MASTING_ERR_MEMORY, "%s: cannot allocate %zu elements of %zu bytes; %s",
                    what, count, size, "try more ranks or a smaller model");
  size_t bytes = sizeof(header) + count * size;
  header *h = pages_get(bytes);
  if (!h)
    return mst_fail(err, MASTING_ERR_MEMORY,
                    "%s: cannot allocate %.1f MiB on this rank: %s; try more ranks or nodes", what,
                    (double)bytes / 1048576.0, strerror(errno));
  h->bytes = bytes;
  *p = h + 1;
  return MASTING_OK;
}

void mst_free(void *p) {
  void **slot = p;
  if (!*slot) return;
  header *h = (header *)*slot - 1;
  pages_put(h, h->bytes);
  *slot = NULL;
}

static size_t status_kib(const char *key) {
  FILE *f = fopen("/proc/self/status", "r");
  if (!f) return 0;
  char line[256];
  size_t kib = 0, n = strlen(key);
  while (fgets(line, sizeof line, f))
    if (!strncmp(line, key, n) && sscanf(line + n, "%zu", &kib) == 1) break;
  fclose(f);
  return kib;
}

size_t mst_resident_peak(void) { return status_kib("VmHWM:") * 1024; }

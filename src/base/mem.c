/* base/mem.c -- see mem.h. Large blocks come from mmap: they are zero, and a page that is never
 * touched costs nothing, which the tree's pool of points relies on. */
#define _GNU_SOURCE
#include "base/mem.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

typedef struct header {
  size_t bytes;
  char pad[64 - sizeof(size_t)];
} header;

masting_status mst_alloc(void **p, size_t count, size_t size, const char *what, mst_error *err) {
  *p = NULL;
  if (size && count > (SIZE_MAX - sizeof(header)) / size)
    return mst_fail(err, MASTING_ERR_MEMORY, "%s: cannot allocate %zu elements of %zu bytes; %s",
                    what, count, size, "try more ranks or a smaller model");
  size_t bytes = sizeof(header) + count * size;
  header *h = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (h == MAP_FAILED)
    return mst_fail(err, MASTING_ERR_MEMORY,
                    "%s: cannot allocate %.1f MiB on this rank: %s; try more ranks or nodes", what,
                    (double)bytes / 1048576.0, strerror(errno));
#ifdef MADV_HUGEPAGE
  if (bytes >= ((size_t)64 << 20)) (void)madvise(h, bytes, MADV_HUGEPAGE);
#endif
  h->bytes = bytes;
  *p = h + 1;
  return MASTING_OK;
}

void mst_free(void *p) {
  void **slot = p;
  if (!*slot) return;
  header *h = (header *)*slot - 1;
  munmap(h, h->bytes);
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

size_t mst_resident_now(void) { return status_kib("VmRSS:") * 1024; }
size_t mst_resident_peak(void) { return status_kib("VmHWM:") * 1024; }

/* base/mem.h -- memory, 64-byte aligned, that is checked and counted. Not collective. */
#ifndef MST_BASE_MEM_H
#define MST_BASE_MEM_H

#include <stddef.h>

#include "base/error.h"

/* count * size bytes on a 64-byte border, rounded up to whole cache lines, zeroed lazily by the
 * system (pages that are never touched cost no memory). Never NULL on success, even for 0 bytes.
 * `what` names the array in the message: "what: cannot allocate ...". Free with mst_free. */
masting_status mst_alloc(void **p, size_t count, size_t size, const char *what, mst_error *err);

/* Frees *p and sets it to NULL. */
void mst_free(void *p);

/* Most bytes resident so far, of this process, as the system reports them; 0 where it does not. */
size_t mst_resident_peak(void);

#endif

/* data/memory.h -- checks that the nodes have the memory that a run is about to allocate. */
#ifndef MST_DATA_MEMORY_H
#define MST_DATA_MEMORY_H

#include "par/comm.h"

/* Collective. Each rank is about to allocate `bytes` more. An error on all ranks when the ranks of
 * some node together need more than the system reports as available there; `what` begins the
 * message. No check on systems that do not report it. */
masting_status mst_memory_refuse(const mst_comm *comm, int64_t bytes, const char *what,
                                 mst_error *err);

/* Bytes that the system could still give on this host, page cache included; -1: it does not
 * tell. Not collective. */
int64_t mst_memory_available(void);

#endif

/* data/memory.h -- is there room for what a run is about to hold? */
#ifndef MST_DATA_MEMORY_H
#define MST_DATA_MEMORY_H

#include "par/comm.h"

/* Collective. Each rank is about to hold `bytes` more. Refuses, on all ranks, when the ranks of
 * some node together ask for more than the system says is available there; `what` begins the
 * message. On systems that do not tell, everything passes. */
masting_status mst_memory_refuse(const mst_comm *comm, int64_t bytes, const char *what,
                                 mst_error *err);

/* Bytes that the system could still give on this host, page cache included; -1: it does not
 * tell. Not collective. */
int64_t mst_memory_available(void);

#endif

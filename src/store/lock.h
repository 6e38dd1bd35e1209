/* store/lock.h -- a lock file, PATH.lock, names the one job that writes PATH. Not collective; rank
 * 0.
 */
#ifndef MST_STORE_LOCK_H
#define MST_STORE_LOCK_H

#include "base/error.h"

/* Takes PATH.lock (created exclusively; holds host and process). A lock whose process is gone from
 * this host is taken over. Then refuses an existing PATH, and a PATH.partial that an earlier run
 * left, unless force. Errors: MASTING_ERR_EXISTS, MASTING_ERR_IO; then no lock is held. */
masting_status mst_lock_take(const char *path, int force, mst_error *err);

/* Removes the lock. */
void mst_lock_drop(const char *path);

/* path and suffix in one new string; free() it. NULL and an error without memory. */
char *mst_name_beside(const char *path, const char *suffix, mst_error *err);

#endif

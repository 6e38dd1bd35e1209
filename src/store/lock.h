/* store/lock.h -- a lock file, PATH.lock, names the one job that writes PATH, and holds a note of
 * what it has reached. Not collective; rank 0.
 */
#ifndef MST_STORE_LOCK_H
#define MST_STORE_LOCK_H

#include <stdbool.h>

#include "base/error.h"

#define MST_LOCK_NOTE 256

/* Takes PATH.lock (created exclusively; holds host and process). A lock whose process is gone from
 * this host is taken over. Then refuses an existing PATH, and a PATH.partial that an earlier run
 * left, unless force. Errors: MASTING_ERR_EXISTS, MASTING_ERR_IO; then no lock is held. */
masting_status mst_lock_take(const char *path, int force, mst_error *err);

/* The lock alone: refuses nothing that stands there but a folder or a device. */
masting_status mst_lock_hold(const char *path, mst_error *err);

typedef struct mst_lock_state {
  char host[256];
  long process;
  char note[MST_LOCK_NOTE];
  bool here, gone; /* on this host; and no longer running, which is known of this host alone */
  double silent;   /* seconds since the last note */
} mst_lock_state;

/* Who holds the lock of PATH: false if nobody does. */
bool mst_lock_look(const char *path, mst_lock_state *state);

/* Puts a line of text into the lock that this process holds, in place of the one before. Failures
 * are passed over. */
void mst_lock_note(const char *path, const char *note);

/* Removes the lock. */
void mst_lock_drop(const char *path);

/* path and suffix in one new string; free() it. NULL and an error without memory. */
char *mst_name_beside(const char *path, const char *suffix, mst_error *err);

#endif

/* store/drawfile_impl.h -- what the files of drawfile share. */
#ifndef MST_STORE_DRAWFILE_IMPL_H
#define MST_STORE_DRAWFILE_IMPL_H

#include "data/h5_layout.h"
#include "store/drawfile.h"
#include "store/globals.h"
#include "store/locals.h"
#include "store/plan.h"

#define MST_RUN_ID "run_id" /* attribute: which run's draws these are */

struct mst_drawfile {
  mst_comm comm;
  mst_layout layout; /* a copy; the model is the caller's */
  mst_plan plan;
  mst_h5_layout file;
  mst_globals *globals; /* rank 0 */
  mst_locals locals;
  int chains;
  int64_t id;      /* rank 0: the run's */
  char *given;     /* the path, as given */
  bool locked;     /* rank 0 holds the lock */
  int force;       /* replace an output that is there at the end */
  mst_error error; /* the first one stays */
};

/* A number that no other run has; below 2^53. Not collective. */
int64_t mst_drawfile_new_id(void);

/* PATH.partial, if there is one, becomes PATH.partial.before, and a line says so. Rank 0, with the
 * lock. */
masting_status mst_drawfile_set_aside(const char *path, mst_error *err);

/* The draws of a place, an unfinished or a finished file of that run, to this one. Rank 0.
 *   find   takes the lock; an unfinished file of the same name becomes PATH.partial.old
 *   copy   when the new file is laid out and filled */
masting_status mst_drawfile_find(mst_drawfile *f, const mst_drawfile_spec *spec, mst_error *err);
masting_status mst_drawfile_copy(mst_drawfile *f, const mst_drawfile_spec *spec, mst_error *err);

/* The run whose draws a file has; -1: none that is known. */
int64_t mst_drawfile_id_of(const char *path);

/* Refuses an existing PATH without force. */
masting_status mst_drawfile_refuse(const char *path, int force, mst_error *err);

#endif

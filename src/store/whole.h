/* store/whole.h -- a whole draws file of what a partial one holds: of as many draws a chain as
 * every chain has.
 *
 * The partial file has room for all draws that were asked for; what a run did not reach is NaN in
 * it (-1, false), which readers would take for draws. Here its structure is laid out anew with as
 * many draws as there are, attributes and numbers are copied, and the file appears under its name
 * at once. Serial; not collective; no MPI.
 */
#ifndef MST_STORE_WHOLE_H
#define MST_STORE_WHOLE_H

#include "store/drawfile.h"

typedef struct mst_whole {
  int64_t chains, draws, planned; /* draws: a chain, in the whole file */
  int64_t warmup;                 /* warm-up draws a chain in it */
  bool no_moments; /* latent_moments were left out: they are written when a run ends, and this one
                    * was killed */
} mst_whole;

/* What a partial file has; nothing is written. MASTING_ERR_NOFILE, MASTING_ERR_FORMAT. */
masting_status mst_whole_look(const char *partial, mst_whole *whole, mst_error *err);

/* Makes PATH of PARTIAL, which stays. The caller holds PATH's lock. The attributes are added
 * to the file's own, or replace them. Errors: MASTING_ERR_NOFILE, MASTING_ERR_FORMAT (no draws file
 * of masting), MASTING_ERR_DATA (no draw that all chains have), MASTING_ERR_EXISTS (PATH is there,
 * without force), MASTING_ERR_IO (no room, ...). */
masting_status mst_whole_make(const char *partial, const char *path, int force,
                              const mst_attribute *attributes, int nattributes, mst_whole *whole,
                              mst_error *err);

#endif

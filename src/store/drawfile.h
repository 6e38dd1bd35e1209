/* store/drawfile.h -- draws to HDF5 in the netCDF-4 / InferenceData form.
 *
 * The whole file is laid out before the first draw: contiguous datasets, space allocated, missing
 * values NaN, metadata flushed and closed. After that every rank writes its numbers straight to
 * their place in the file with pwrite: no collective, no lock, exact errno, and the file can be
 * opened at any moment, also after a kill. It lives under PATH.partial until mst_drawfile_finish
 * renames it.
 */
#ifndef MST_STORE_DRAWFILE_H
#define MST_STORE_DRAWFILE_H

#include "base/fields.h"
#include "model/model.h"
#include "nuts/draw_stats.h"
#include "par/comm.h"
#include "par/shard.h"

typedef struct mst_drawfile mst_drawfile;

typedef enum mst_latents {
  MST_LATENTS_AUTO,
  MST_LATENTS_ALL,
  MST_LATENTS_MOMENTS,
  MST_LATENTS_NONE
} mst_latents;

typedef enum mst_phase { MST_PHASE_DRAWS, MST_PHASE_WARMUP } mst_phase;

/* What made the draws: which statistics there are. */
typedef enum mst_draws_kind {
  MST_DRAWS_SAMPLED,
  MST_DRAWS_MODES,  /* one draw a chain: lp, iterations, evaluations, converged */
  MST_DRAWS_PATHS,  /* Pathfinder: lp, lp_approx, log_weight, path */
  MST_DRAWS_LAPLACE /* Gaussian at a mode: lp, lp_approx, log_weight, and that of the globals */
} mst_draws_kind;

typedef struct mst_attribute { /* provenance: text if text is set, else number */
  const char *name;
  const char *text;
  double number;
} mst_attribute;

typedef struct mst_drawfile_spec {
  const char *path;
  int force; /* overwrite an existing output */
  /* an unfinished PATH.partial is renamed to PATH.partial.before, and not refused */
  int set_aside;
  /* draws of a run that stopped, or is done, which are moved to this file; or NULL */
  const struct mst_drawfile_place *from;
  const mst_layout *layout;
  const mst_shard *shard;
  mst_draws_kind kind;
  int chains, draws, warmup; /* warmup: warm-up draws to store, 0 for none */
  mst_latents latents;       /* AUTO: ALL while they take at most 1 GiB, else MOMENTS */
  const char *data_path;     /* recorded in constant_data; may be NULL */
  const mst_attribute *attributes;
  int nattributes;
} mst_drawfile_spec;

/* Collective. Refuses an existing output without force, takes PATH.lock (O_EXCL, names host and
 * process), checks that there is room on disk. Errors are agreed. */
masting_status mst_drawfile_create(mst_drawfile **file, const mst_comm *comm,
                                   const mst_drawfile_spec *spec, mst_error *err);

/* Not collective; every rank, between draws: what was put is on the device, so that a checkpoint
 * may count on it. */
masting_status mst_drawfile_sync(mst_drawfile *file, mst_error *err);

/* Where the file's numbers stand and which run it is, for a checkpoint (base/fields.h). Written by
 * every rank; rank 0's is right. */
void mst_drawfile_fields(mst_fields *fields, mst_drawfile *file);

/* What mst_drawfile_fields wrote, read back by every rank; free with mst_drawfile_place_free. */
typedef struct mst_drawfile_place {
  int64_t id;
  char *path;                /* of the draws file, as it was given */
  char *folder;              /* where; the caller's, may be NULL */
  int chains, draws, warmup; /* draws a chain that there is room for */
  int latents;               /* what AUTO became */
  int64_t dims, vars;        /* how many offsets: of coordinates, of variables */
  int64_t *dim_offset, *var_offset;
} mst_drawfile_place;
void mst_drawfile_place_fields(mst_fields *fields, mst_drawfile_place *place);
void mst_drawfile_place_free(mst_drawfile_place *place);

/* Is it the file that spec names, of as many draws, so that it can be gone on with in its place? If
 * not, mst_drawfile_create with spec->from moves its draws. Not collective. */
bool mst_drawfile_same_place(const mst_drawfile_spec *spec, const mst_drawfile_place *place);

/* Rank 0, when a checkpoint refers to the file that draws were moved to: what they were moved from,
 * if it was unfinished and of the same name, is removed. */
void mst_drawfile_moved(const mst_drawfile *file);

/* Collective. Goes on with PATH.partial of a run that stopped: takes the lock, finds the file to be
 * that run's, and writes over what stands there. spec: as for mst_drawfile_create, with the same
 * numbers of draws. Errors are agreed: MASTING_ERR_NOFILE: it is not there; MASTING_ERR_DATA: it is
 * another run's; MASTING_ERR_EXISTS: PATH is there already, without force, or another job has the
 * lock. */
masting_status mst_drawfile_reopen(mst_drawfile **file, const mst_comm *comm,
                                   const mst_drawfile_spec *spec, const mst_drawfile_place *place,
                                   mst_error *err);

/* What AUTO became. Not collective. */
mst_latents mst_drawfile_latents(const mst_drawfile *file);

/* Not collective; rank 0. theta: the layout's P constrained global elements in storage order, then
 * the derived quantities'. Buffered; reaches the file in pieces and at mst_drawfile_flush. */
masting_status mst_drawfile_put(mst_drawfile *file, mst_phase phase, int chain, int draw,
                                const double *theta, const mst_draw_stats *stats, mst_error *err);

/* Not collective; every rank. local: this rank's constrained row-local elements, [rows][L];
 * row_derived: those of row-derived quantities, [rows][D] (NULL without any). Written at once.
 * Only with MST_LATENTS_ALL. An error stays: later calls and finish return it again. */
masting_status mst_drawfile_put_local(mst_drawfile *file, mst_phase phase, int chain, int draw,
                                      const double *local, const double *row_derived,
                                      mst_error *err);

/* Not collective; every rank, once per chain at the end, with MST_LATENTS_MOMENTS: mean and sd over
 * the chain's draws of this rank's row-local elements, [rows][L] each, and behind them of the
 * row-derived ones, [rows][D]. */
masting_status mst_drawfile_put_moments(mst_drawfile *file, int chain, const double *mean,
                                        const double *sd, mst_error *err);

/* Not collective; every rank: what was put reaches the operating system. */
masting_status mst_drawfile_flush(mst_drawfile *file, mst_error *err);

/* Collective. Flushes, adds the closing attributes (wall time, gradients, ...), fsyncs, renames to
 * the final path, drops the lock. *file becomes NULL. On failure nothing stands there. */
masting_status mst_drawfile_finish(mst_drawfile **file, const mst_attribute *attributes,
                                   int nattributes, mst_error *err);

/* Collective. Ends a run that was stopped before its last draw; every chain has at least `reached`
 * draws. Flushes and syncs, then with `whole` makes PATH a file of as many draws as every chain has
 * (store/whole.h) with the closing attributes, else leaves PATH.partial and its attribute
 * draws_reached. Drops the lock; *file becomes NULL. If PATH cannot be made, PATH.partial stays. */
masting_status mst_drawfile_stop(mst_drawfile **file, int reached, bool whole,
                                 const mst_attribute *attributes, int nattributes, mst_error *err);

/* Not collective. Drops everything (after an error); with keep the .partial file stays, else it is
 * removed. */
void mst_drawfile_abandon(mst_drawfile **file, int keep);

#endif

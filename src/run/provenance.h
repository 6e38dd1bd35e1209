/* run/provenance.h -- what was run, written into the draws file's attributes. */
#ifndef MST_RUN_PROVENANCE_H
#define MST_RUN_PROVENANCE_H

#include "run/sampler.h"

/* Run metadata that the target does not know, stored with the draws. */
typedef struct mst_origin {
  uint64_t seed;
  const char *command_line; /* may be NULL */
} mst_origin;

/* Collective. Creates a draws file as spec says (layout and shard are the target's) with the
 * attributes that all have before spec's own: model, data hash, seed, ranks, threads, lanes,
 * SIMD level, hosts. */
masting_status mst_provenance_create(mst_drawfile **file, const mst_comm *comm,
                                     const mst_target *target, const mst_drawfile_spec *spec,
                                     const mst_origin *origin, mst_error *err);

/* Collective. Creates the draws file options->out with everything that is known before the first
 * draw: model, data hash, seed, options, ranks, threads, lanes, SIMD level, block size, hosts. */
masting_status mst_provenance_open(mst_drawfile **file, const mst_comm *comm,
                                   const mst_sample_options *options, const mst_target *target,
                                   mst_error *err);

/* Collective. The same for a run that goes on: opens what it left, or moves its draws to a file
 * that has room for more, or another name (*moved); store/drawfile.h. */
masting_status mst_provenance_resume(mst_drawfile **file, const mst_comm *comm,
                                     const mst_sample_options *options, const mst_target *target,
                                     const mst_drawfile_place *place, bool *moved, mst_error *err);

/* Collective. Adds what the run cost and finishes the file. */
masting_status mst_provenance_close(mst_drawfile **file, const mst_sample_result *result,
                                    mst_error *err);

/* Collective. The same for a run that was stopped: if whole, the file gets as many draws as every
 * chain has (`reached`), else it stays partial. */
masting_status mst_provenance_stop(mst_drawfile **file, const mst_sample_result *result,
                                   int reached, bool whole, mst_error *err);

#endif

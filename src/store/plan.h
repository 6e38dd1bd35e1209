/* store/plan.h -- which groups, dimensions and variables a run's draws file has, and where to look
 * them up. Pure: every rank makes the same plan. Not collective.
 *
 * An axis is named by the model's size (w[D,K]: chain, draw, D, K). Where a variable has a size
 * twice, or a size is computed or called like something else in the group, the axis is
 * NAME_dim_I, as ArviZ has it.
 */
#ifndef MST_STORE_PLAN_H
#define MST_STORE_PLAN_H

#include "store/skeleton.h"

enum mst_stat_name { /* in the file's order */
                     MST_STAT_LP,
                     MST_STAT_ACCEPTANCE_RATE,
                     MST_STAT_STEP_SIZE,
                     MST_STAT_ENERGY,
                     MST_STAT_ENERGY_ERROR,
                     MST_STAT_MAX_ENERGY_ERROR,
                     MST_STAT_LP_STAN, /* CmdStan's names, of approximations */
                     MST_STAT_LP_APPROX,
                     MST_STAT_LOG_WEIGHT,
                     MST_STAT_LOG_WEIGHT_GLOBALS,
                     MST_STAT_TREE_DEPTH,
                     MST_STAT_N_STEPS,
                     MST_STAT_ITERATIONS,
                     MST_STAT_EVALUATIONS,
                     MST_STAT_PATH,
                     MST_STAT_DIVERGING,
                     MST_STAT_REACHED_MAX,
                     MST_STAT_CONVERGED,
                     MST_STATS
};

typedef struct mst_plan {
  mst_skeleton skeleton;
  /* no longer AUTO; NONE if the model has nothing row-local to store */
  mst_latents latents;
  int64_t draws[2];              /* a chain, per mst_phase */
  int param[2][MST_MAX_OUTPUTS]; /* per phase: variable of a parameter, -1: not stored */
  int stat[2][MST_STATS];        /* per phase: variable, or -1 */
  int mean[MST_MAX_OUTPUTS], sd[MST_MAX_OUTPUTS]; /* of latent_moments, or -1 */
  int size[MST_MAX_SIZES];                        /* scalar of constant_data, or -1: computed */
} mst_plan;

/* Errors: MASTING_ERR_MODEL for a parameter whose name cannot stand in the file. */
masting_status mst_draw_plan_make(mst_plan *plan, const mst_drawfile_spec *spec, mst_error *err);

#endif

/* store/plan.c -- see plan.h. */
#include "store/plan.h"

#include <stdio.h>
#include <string.h>

#define AUTO_BYTES (INT64_C(1) << 30) /* row-local draws up to this size are all stored */

enum {
  SAMPLED = 1 << MST_DRAWS_SAMPLED,
  MODES = 1 << MST_DRAWS_MODES,
  PATHS = 1 << MST_DRAWS_PATHS,
  LAPLACE = 1 << MST_DRAWS_LAPLACE
};

static const struct {
  const char *name;
  mst_cell cell;
  int of; /* which kinds of file have it: bits of mst_draws_kind */
} stats[MST_STATS] = {
    [MST_STAT_LP] = {"lp", MST_CELL_F64, SAMPLED | MODES | PATHS | LAPLACE},
    [MST_STAT_ACCEPTANCE_RATE] = {"acceptance_rate", MST_CELL_F64, SAMPLED},
    [MST_STAT_STEP_SIZE] = {"step_size", MST_CELL_F64, SAMPLED},
    [MST_STAT_ENERGY] = {"energy", MST_CELL_F64, SAMPLED},
    [MST_STAT_ENERGY_ERROR] = {"energy_error", MST_CELL_F64, SAMPLED},
    [MST_STAT_MAX_ENERGY_ERROR] = {"max_energy_error", MST_CELL_F64, SAMPLED},
    [MST_STAT_LP_STAN] = {"lp__", MST_CELL_F64, PATHS | LAPLACE},
    [MST_STAT_LP_APPROX] = {"lp_approx__", MST_CELL_F64, PATHS | LAPLACE},
    [MST_STAT_LOG_WEIGHT] = {"log_weight", MST_CELL_F64, PATHS | LAPLACE},
    [MST_STAT_LOG_WEIGHT_GLOBALS] = {"log_weight_globals", MST_CELL_F64, LAPLACE},
    [MST_STAT_TREE_DEPTH] = {"tree_depth", MST_CELL_I64, SAMPLED},
    [MST_STAT_N_STEPS] = {"n_steps", MST_CELL_I64, SAMPLED},
    [MST_STAT_ITERATIONS] = {"iterations", MST_CELL_I64, MODES},
    [MST_STAT_EVALUATIONS] = {"evaluations", MST_CELL_I64, MODES},
    [MST_STAT_PATH] = {"path__", MST_CELL_I64, PATHS},
    [MST_STAT_DIVERGING] = {"diverging", MST_CELL_BOOL, SAMPLED},
    [MST_STAT_REACHED_MAX] = {"reached_max_treedepth", MST_CELL_BOOL, SAMPLED},
    [MST_STAT_CONVERGED] = {"converged", MST_CELL_BOOL, MODES},
};

static mst_latents decide(const mst_drawfile_spec *spec) {
  const mst_layout *l = spec->layout;
  if (l->stored == 0) return MST_LATENTS_NONE;
  if (spec->latents != MST_LATENTS_AUTO) return spec->latents;
  double bytes =
      8.0 * (double)l->n * (double)l->stored * spec->chains * (spec->draws + spec->warmup);
  return bytes <= (double)AUTO_BYTES ? MST_LATENTS_ALL : MST_LATENTS_MOMENTS;
}

/* Is a size's name taken by something else that stands in the same group? */
static bool name_is_taken(const mst_layout *l, const char *name) {
  if (!strcmp(name, "chain") || !strcmp(name, "draw")) return true;
  for (int i = 0; i < l->outputs; i++) {
    size_t n = strlen(mst_layout_output(l, i)->name);
    if (strncmp(name, mst_layout_output(l, i)->name, n)) continue;
    if (!name[n] || !strcmp(name + n, "_mean") || !strcmp(name + n, "_sd")) return true;
  }
  return false;
}

static int add_axis(mst_skeleton *s, int group, const mst_layout *l, int param, int axis) {
  const masting_param *p = mst_layout_output(l, param);
  const masting_size *size_of = &l->model->sizes[p->dims[axis]];
  const char *name = size_of->name;
  char own[MST_NAME_SIZE];
  bool ambiguous = size_of->computed || name_is_taken(l, name);
  for (int i = 0; i < p->ndims; i++)
    ambiguous = ambiguous || (i != axis && p->dims[i] == p->dims[axis]);
  snprintf(own, sizeof own, "%s_dim_%d", p->name, axis);
  int64_t size = l->param[param].dims[axis];
  int dim = mst_skeleton_dimension(s, group, ambiguous ? own : name, size);
  s->dim[dim].sharded = axis == l->param[param].shard_dim;
  return dim;
}

static int add_param(mst_skeleton *s, int group, const mst_layout *l, int param, const char *suffix,
                     mst_cell cell, bool fill, int ndims, const int *leading) {
  int dims[MST_VARIABLE_DIMS] = {0};
  char name[MST_NAME_SIZE];
  for (int i = 0; i < ndims; i++) dims[i] = leading[i];
  for (int a = 0; a < mst_layout_output(l, param)->ndims; a++)
    dims[ndims++] = add_axis(s, group, l, param, a);
  snprintf(name, sizeof name, "%s%s", mst_layout_output(l, param)->name, suffix);
  return mst_skeleton_variable(s, group, name, cell, fill, ndims, dims);
}

/* posterior and sample_stats, or their warm-up counterparts. */
static void add_phase(mst_plan *plan, const mst_drawfile_spec *spec, mst_phase phase) {
  const mst_layout *l = spec->layout;
  mst_skeleton *s = &plan->skeleton;
  bool warm = phase == MST_PHASE_WARMUP;
  int group = mst_skeleton_group(s, warm ? "warmup_posterior" : "posterior");
  int dims[2] = {mst_skeleton_dimension(s, group, "chain", spec->chains),
                 mst_skeleton_dimension(s, group, "draw", plan->draws[phase])};
  for (int i = 0; i < l->outputs; i++) {
    const bool local = l->param[i].local;
    const masting_param *p = mst_layout_output(l, i);
    if (p->hidden || (local && plan->latents != MST_LATENTS_ALL)) continue;
    plan->param[phase][i] = /* every rank fills its rows of a local one */
        add_param(s, group, l, i, "", p->integer ? MST_CELL_I64 : MST_CELL_F64, !local, 2, dims);
  }
  group = mst_skeleton_group(s, warm ? "warmup_sample_stats" : "sample_stats");
  dims[0] = mst_skeleton_dimension(s, group, "chain", spec->chains);
  dims[1] = mst_skeleton_dimension(s, group, "draw", plan->draws[phase]);
  for (int i = 0; i < MST_STATS; i++)
    if (stats[i].of & 1 << spec->kind)
      plan->stat[phase][i] =
          mst_skeleton_variable(s, group, stats[i].name, stats[i].cell, true, 2, dims);
}

static void add_moments(mst_plan *plan, const mst_drawfile_spec *spec) {
  const mst_layout *l = spec->layout;
  mst_skeleton *s = &plan->skeleton;
  int group = mst_skeleton_group(s, "latent_moments");
  int chain = mst_skeleton_dimension(s, group, "chain", spec->chains);
  for (int i = 0; i < l->outputs; i++) {
    if (!l->param[i].local || mst_layout_output(l, i)->hidden) continue;
    plan->mean[i] = add_param(s, group, l, i, "_mean", MST_CELL_F64, false, 1, &chain);
    plan->sd[i] = add_param(s, group, l, i, "_sd", MST_CELL_F64, false, 1, &chain);
  }
}

static masting_status check_names(const mst_layout *l, mst_error *err) {
  for (int i = 0; i < l->outputs; i++) {
    const char *name = mst_layout_output(l, i)->name;
    if (!strcmp(name, "chain") || !strcmp(name, "draw") || strchr(name, '/') ||
        strlen(name) + sizeof "_dim_99" > MST_NAME_SIZE)
      return mst_fail(
          err, MASTING_ERR_MODEL,
          "model %s: a parameter called '%s' cannot stand in a draws file; expected fewer than "
          "%d characters, no '/', neither chain nor draw; try another name",
          l->model->name, name, MST_NAME_SIZE - 8);
  }
  return MASTING_OK;
}

masting_status mst_draw_plan_make(mst_plan *plan, const mst_drawfile_spec *spec, mst_error *err) {
  const mst_layout *l = spec->layout;
  memset(plan, 0, sizeof *plan);
  if (check_names(l, err)) return err->status;
  memset(plan->param, -1, sizeof plan->param);
  memset(plan->stat, -1, sizeof plan->stat);
  memset(plan->mean, -1, sizeof plan->mean);
  memset(plan->sd, -1, sizeof plan->sd);
  memset(plan->size, -1, sizeof plan->size);
  plan->latents = decide(spec);
  plan->draws[MST_PHASE_DRAWS] = spec->draws;
  plan->draws[MST_PHASE_WARMUP] = spec->warmup;
  add_phase(plan, spec, MST_PHASE_DRAWS);
  if (spec->warmup > 0) add_phase(plan, spec, MST_PHASE_WARMUP);
  if (plan->latents == MST_LATENTS_MOMENTS) add_moments(plan, spec);
  int group = mst_skeleton_group(&plan->skeleton, "constant_data");
  for (int i = 0; i < l->model->nsizes; i++)
    if (!l->model->sizes[i].computed)
      plan->size[i] = mst_skeleton_variable(&plan->skeleton, group, l->model->sizes[i].name,
                                            MST_CELL_I64, true, 0, NULL);
  return MASTING_OK;
}

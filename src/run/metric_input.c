/* run/metric_input.c -- see metric_input.h. */
#include "run/metric_input.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "adapt/metric_fit.h"
#include "base/mem.h"
#include "base/portable.h"
#include "linalg/blas.h"
#include "config.h"
#include "run/metric_kind.h"

/* ---- from a file ---- */

static masting_status check_step(const mst_metric_input *g, const mst_sample_options *o,
                                 mst_error *err) {
  if (o->warmup > 0 || mst_metric_input_step(g, o, 0) > 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_USAGE,
                  "--metric-file and --warmup 0: %s has no step size; expected one, as nothing is "
                  "learnt; try --warmup 20, or "
                  "\"stepsize\": NUMBER in the file",
                  g->path);
}

/* A dense matrix that no rank need have whole. */
static masting_status read_matrix(mst_metric_input *g, const mst_target *t, mst_error *err) {
  if (mst_blas_agree(t->comm, err) != MASTING_OK ||
      mst_grid_begin(&g->grid, t->comm, 0, 0, err) != MASTING_OK)
    return err->status;
  return mst_metricfile_read_matrix(&g->data, g->path, &t->layout, &g->grid, &g->matrix, err);
}

masting_status mst_metric_input_read(mst_metric_input *g, const mst_target *t,
                                     mst_sample_options *o, mst_error *err) {
  const mst_shard *shard = &t->data->shard;
  static const mst_metric_choice kinds[] = {MST_METRIC_DIAG, MST_METRIC_DENSE,
                                            MST_METRIC_LOW_RANK}; /* mst_metric_kind */
  *g = (mst_metric_input){.path = o->metric_file, .fixed = !o->metric_named};
  if (!g->path) return MASTING_OK;
  const mst_metric_choice if_dense = g->fixed ? MST_METRIC_DENSE : o->metric;
  const bool distributed = mst_metric_kind_distributed(o, if_dense, t),
             not_diagonal = mst_metric_kind_not_diagonal(if_dense);
  if (mst_metricfile_read(&g->data, t->comm, g->path, &t->layout, not_diagonal && !distributed,
                          err) != MASTING_OK)
    return err->status;
  if (distributed && g->data.diagonal && read_matrix(g, t, err) != MASTING_OK) return err->status;
  if (g->data.rank > MST_METRIC_MAX_RANK)
    return mst_fail(err, MASTING_ERR_DATA, "%s: directions: expected at most %d, got %d", g->path,
                    MST_METRIC_MAX_RANK, g->data.rank);
  if (g->data.rows && t->layout.locals) {
    const size_t n = (size_t)(shard->rows * t->layout.locals);
    if (mst_alloc((void **)&g->local, n, sizeof *g->local, "metric", err) == MASTING_OK)
      mst_metricfile_rows(&g->data, g->path, &t->layout, shard, g->local, err);
    if (mst_agree(t->comm, err) != MASTING_OK) return err->status;
  }
  if (g->fixed) o->metric = kinds[g->data.kind];
  if (!o->warmup_named && mst_metric_input_complete(g, t)) o->warmup = MST_METRIC_INPUT_WARMUP;
  return check_step(g, o, err);
}

void mst_metric_input_free(mst_metric_input *g) {
  mst_metricfile_free(&g->data);
  mst_dist_end(&g->matrix);
  if (g->grid.comm) mst_grid_end(&g->grid);
  mst_free(&g->local);
}

bool mst_metric_input_complete(const mst_metric_input *g, const mst_target *t) {
  return g->path && g->fixed && (t->layout.locals == 0 || g->local);
}

double mst_metric_input_step(const mst_metric_input *g, const mst_sample_options *o, int c) {
  return g->data.chains == o->chains ? g->data.step_sizes[c] : g->data.step_size;
}

static void put_low_rank(const mst_metricfile_data *m, mst_metric *s) {
  const size_t p = (size_t)m->n, r = (size_t)m->rank;
  s->kind = MST_KIND_LOW_RANK;
  s->rank = m->rank;
  memcpy(s->scale, m->scale, p * sizeof(double));
  memcpy(s->u, m->directions, p * r * sizeof(double));
  memcpy(s->eigen, m->eigen, r * sizeof(double));
}

static double element_of(int i, int j, void *context) {
  return mst_metricfile_element(context, i, j);
}

static masting_status apply_dist(mst_metric_input *g, mst_metric_update *metric_update,
                                 mst_error *err) {
  if (g->data.kind != MST_KIND_DENSE)
    return mst_metric_update_from_elements(metric_update, element_of, &g->data, g->path, err);
  g->matrix.grid = &metric_update->dist.grid; /* of the same ranks, and alike */
  return mst_metric_update_from_dist(metric_update, &g->matrix, err);
}

static masting_status apply_metric(mst_metric_input *g, mst_engine *e,
                                   mst_metric_update *metric_update, mst_error *err) {
  const size_t p = (size_t)g->data.n;
  double *c = NULL;
  if (metric_update->kind == MST_KIND_LOW_RANK && g->data.kind == MST_KIND_LOW_RANK) {
    for (int k = 0; k < 2; k++) put_low_rank(&g->data, &e->pass.metric[k]);
    return MASTING_OK;
  }
  if (metric_update->distributed) return apply_dist(g, metric_update, err);
  if (g->data.kind == MST_KIND_DENSE)
    return mst_metric_update_from_covariance(metric_update, g->data.inverse, g->path, err);
  mst_alloc((void **)&c, p * p, sizeof *c, "metric", err);
  if (mst_agree(e->target->comm, err) != MASTING_OK) return err->status;
  mst_metricfile_matrix(&g->data, c);
  mst_metric_update_from_covariance(metric_update, c, g->path, err);
  mst_free(&c);
  return err->status;
}

masting_status mst_metric_input_apply(mst_metric_input *g, mst_engine *e,
                                      mst_metric_update *metric_update, mst_error *err) {
  mst_pass *p = &e->pass;
  const int64_t rows = e->target->data->shard.rows * e->target->layout.locals;
  if (!g->path) return MASTING_OK;
  mst_metricfile_diagonal(&g->data, p->global[0].minv[0]);
  memcpy(p->global[0].minv[1], p->global[0].minv[0], (size_t)g->data.n * sizeof(double));
  for (int k = 0; g->local && k < 2; k++)
    memcpy(p->local[0].minv[k], g->local, (size_t)rows * sizeof(double));
  for (int b = 0; b < e->target->batches; b++) {
    p->global[b].fixed = g->fixed;
    p->local[b].fixed = g->fixed && g->local;
  }
  if (metric_update) apply_metric(g, e, metric_update, err);
  mst_free(&g->data.inverse); /* a matrix may be large; it is where it belongs */
  return err->status;
}

/* ---- to a file ---- */

static double common_step(const double *step, int n) {
  double s = 0;
  for (int c = 0; c < n; c++) s += mst_log_same(step[c]);
  return mst_exp_same(s / n);
}

void mst_metric_view(const mst_engine *e, int slot, mst_metricfile_data *m, double *diagonal) {
  const mst_metric *s = &e->pass.metric[slot];
  m->n = e->target->layout.globals;
  m->kind = MST_KIND_DIAGONAL;
  m->inverse = e->pass.global[0].minv[slot];
  if (!e->pass.not_diagonal) return;
  if (s->kind == MST_KIND_DENSE) {
    const mst_metric_dist *dist = s->c ? NULL : e->pass.apply_context;
    const mst_metric_dist_slot *at = dist ? &dist->slot[dist->at[slot]] : NULL;
    m->kind = MST_KIND_DENSE;
    m->inverse = s->c;
    m->dist = at ? &at->g : NULL;
    m->scale = at ? at->scale : NULL;
  } else if (s->rank == 0) {
    m->inverse = diagonal;
    for (int64_t i = 0; i < m->n; i++) diagonal[i] = s->scale[i] * s->scale[i];
  } else {
    m->kind = MST_KIND_LOW_RANK;
    m->inverse = NULL;
    m->scale = s->scale;
    m->rank = s->rank;
    m->eigen = s->eigen;
    m->directions = s->u;
  }
}

static void view_steps(const mst_engine *e, const mst_sample_options *o, mst_metricfile_data *m) {
  for (int c = 0; c < o->chains; c++) m->step_sizes[c] = e->tree[c].step_size;
  m->chains = o->chains;
  m->step_size = common_step(m->step_sizes, o->chains);
}

static const char *type_of(const mst_metricfile_data *m, const mst_sample_options *o) {
  static const char *const names[] = {"diag_e", "dense_e", "lowrank"};
  return o->metric == MST_METRIC_UNIT ? "unit_e" : names[m->kind];
}

static masting_status write_view(const mst_engine *e, const mst_sample_options *o, int slot,
                                 const mst_metricfile_data *m, mst_error *err) {
  const mst_target *t = e->target;
  char model[20], data[20], seed[24];
  snprintf(model, sizeof model, "%016llx",
           (unsigned long long)mst_metricfile_signature(&t->layout));
  snprintf(data, sizeof data, "%016llx", (unsigned long long)t->data->hash);
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)o->seed);
  const mst_attribute about[] = {{"model", t->model->name, 0},
                                 {"model_hash", model, 0},
                                 {"data_path", o->data_path ? o->data_path : "", 0},
                                 {"data_hash", data, 0},
                                 {"seed", seed, 0},
                                 {"warmup", NULL, o->warmup},
                                 {"target_accept", NULL, o->target_accept},
                                 {"creation_library", "masting", 0},
                                 {"creation_library_version", PACKAGE_VERSION, 0}};
  const mst_metricfile_spec spec = {.path = o->save_metric,
                                    .force = o->force,
                                    .layout = &t->layout,
                                    .shard = &t->data->shard,
                                    .metric = m,
                                    .local = t->layout.locals ? e->pass.local[0].minv[slot] : NULL,
                                    .type = type_of(m, o),
                                    .attributes = about,
                                    .nattributes = sizeof about / sizeof *about};
  return mst_metricfile_write(t->comm, &spec, err);
}

masting_status mst_metric_output(const mst_engine *e, const mst_sample_options *o, int slot,
                                 mst_error *err) {
  const mst_target *t = e->target;
  mst_metricfile_data m = {0};
  double *diagonal = NULL;
  mst_alloc((void **)&m.step_sizes, (size_t)o->chains, sizeof *m.step_sizes, "metric", err);
  mst_alloc((void **)&diagonal, (size_t)t->layout.globals, sizeof *diagonal, "metric", err);
  if (mst_agree(t->comm, err) == MASTING_OK) {
    mst_metric_view(e, slot, &m, diagonal);
    view_steps(e, o, &m);
    write_view(e, o, slot, &m, err);
  }
  mst_free(&m.step_sizes);
  mst_free(&diagonal);
  return err->status;
}

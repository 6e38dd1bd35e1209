/* target/normal.c -- see normal.h. */
#include "target/normal.h"

#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "base/mem.h"
#include "linalg/blas.h"
#include "linalg/normal.h"
#include "par/longsum.h"

/* Matrices of one grid share the memory of the largest. */
typedef struct workspace {
  mst_comm comm;
  mst_grid grid;
  bool begun;
  mst_dist room;
} workspace;

struct mst_normal_work {
  mst_traffic traffic; /* of the distributed ones */
  workspace alone, distributed;
  mst_dist k[MASTING_MAX_NORMALS];
  double *residual, *slope;    /* [largest order] of one chain */
  double *input, *input_slope; /* [most inputs] */
  double *log_density;         /* [batches * lanes] */
};

/* One normal of one chain, for the functions that walk tiles. */
typedef struct walk {
  const mst_target *t;
  const masting_normal *normal;
  const double *input;
} walk;

bool mst_normal_is_distributed(const mst_target *t, int i) {
  return t->comm->size > 1 && t->layout.normal[i].order >= MST_NORMAL_ALONE;
}

static workspace *place_of(const mst_target *t, int i) {
  return mst_normal_is_distributed(t, i) ? &t->normal_work->distributed : &t->normal_work->alone;
}

/* Begins the grid and the matrices of one place. */
static void begin_workspace(mst_target *t, workspace *p, mst_error *err) {
  int largest = -1;
  for (int i = 0; i < t->model->nnormals; i++)
    if (place_of(t, i) == p && t->layout.normal[i].order > 0 &&
        (largest < 0 || t->layout.normal[i].order > t->layout.normal[largest].order))
      largest = i;
  if (largest < 0 || mst_agree(&p->comm, err) != MASTING_OK) return;
  p->begun = true;
  if (mst_grid_begin(&p->grid, &p->comm, 0, 0, err) != MASTING_OK) return;
  mst_dist_begin(&p->room, &p->grid, t->model->normals[largest].name,
                 (int)t->layout.normal[largest].order, err);
  for (int i = 0; i < t->model->nnormals && err->status == MASTING_OK; i++)
    if (place_of(t, i) == p && t->layout.normal[i].order > 0)
      mst_dist_begin_in(&t->normal_work->k[i], &p->room, t->model->normals[i].name,
                        (int)t->layout.normal[i].order, err);
}

static void most(const mst_target *t, size_t *order, size_t *inputs) {
  *order = *inputs = 0;
  for (int i = 0; i < t->model->nnormals; i++) {
    const mst_normal_layout *l = &t->layout.normal[i];
    if ((size_t)l->order > *order) *order = (size_t)l->order;
    if ((size_t)l->inputs > *inputs) *inputs = (size_t)l->inputs;
  }
}

masting_status mst_normals_begin(mst_target *t, mst_error *err) {
  struct mst_normal_work *w = NULL;
  const size_t slots = (size_t)t->batches * (size_t)t->lanes;
  size_t order, inputs;
  if (!t->model->nnormals) return MASTING_OK;
  most(t, &order, &inputs);
  mst_alloc((void **)&w, 1, sizeof *w, "normals", err);
  t->normal_work = w;
  mst_alloc((void **)&t->normal, (size_t)t->layout.normals * slots, sizeof *t->normal, "normals",
            err);
  mst_alloc((void **)&t->source, slots, sizeof *t->source, "normals", err);
  if (w) {
    w->distributed.comm = *t->comm;
    w->distributed.comm.traffic = &w->traffic;
    w->alone.comm = (mst_comm){.mpi = MPI_COMM_SELF, .size = 1, .threads = t->comm->threads};
    mst_alloc((void **)&w->residual, order, sizeof *w->residual, "normals", err);
    mst_alloc((void **)&w->slope, order, sizeof *w->slope, "normals", err);
    mst_alloc((void **)&w->input, inputs, sizeof *w->input, "normals", err);
    mst_alloc((void **)&w->input_slope, inputs, sizeof *w->input_slope, "normals", err);
    mst_alloc((void **)&w->log_density, slots, sizeof *w->log_density, "normals", err);
  }
  if (mst_agree(t->comm, err) != MASTING_OK || mst_blas_agree(t->comm, err) != MASTING_OK)
    return err->status;
  begin_workspace(t, &w->alone, err);
  if (mst_agree(t->comm, err) != MASTING_OK) return err->status;
  begin_workspace(t, &w->distributed, err);
  w->traffic = (mst_traffic){0};
  return err->status;
}

static void end_workspace(workspace *p) {
  mst_dist_end(&p->room);
  if (p->begun) mst_grid_end(&p->grid);
}

void mst_normals_end(mst_target *t) {
  struct mst_normal_work *w = t->normal_work;
  mst_free(&t->normal);
  mst_free(&t->source);
  if (!w) return;
  for (int i = 0; i < t->model->nnormals; i++) mst_dist_end(&w->k[i]);
  end_workspace(&w->alone);
  end_workspace(&w->distributed);
  mst_free(&w->residual);
  mst_free(&w->slope);
  mst_free(&w->input);
  mst_free(&w->input_slope);
  mst_free(&w->log_density);
  mst_free(&t->normal_work);
}

/* A factorisation keeps panels of tiles, and vectors become exact sums, besides the matrix. */
static int64_t workspace_bytes(const workspace *p, int threads, size_t inputs) {
  const mst_dist *d = &p->room;
  if (!d->a) return 0;
  return (int64_t)(mst_dist_bytes(d) + mst_dist_factor_bytes(d)) +
         ((int64_t)d->n + threads * (int64_t)inputs) * (MST_LONG_WORDS + 1) *
             (int64_t)sizeof(int64_t);
}

int64_t mst_normals_bytes(const mst_target *t) {
  const struct mst_normal_work *w = t->normal_work;
  size_t order, inputs;
  if (!w) return 0;
  most(t, &order, &inputs);
  return workspace_bytes(&w->alone, t->threads, inputs) +
         workspace_bytes(&w->distributed, t->threads, inputs) +
         t->layout.normals * t->batches * t->lanes * (int64_t)sizeof(double);
}

/* ---- an evaluation */

static void covariance(int row, int col, int rows, int cols, double *out, void *context) {
  const walk *w = context;
  w->normal->covariance(w->t->state, w->t->size, w->t->replicated, w->input, row, col, rows, cols,
                        out, MST_TILE);
}

static void slopes(int row, int col, int rows, int cols, const double *weight, double *grad,
                   void *context) {
  const walk *w = context;
  w->normal->slopes(w->t->state, w->t->size, w->t->replicated, w->input, row, col, rows, cols,
                    weight, MST_TILE, grad);
}

/* Log density of residual, with slope and input_slope. MASTING_ERR_DATA: there is none, on all
 * ranks. */
static masting_status evaluate(mst_target *t, int i, double *log_density, mst_error *err) {
  struct mst_normal_work *w = t->normal_work;
  const mst_normal_layout *l = &t->layout.normal[i];
  mst_dist *k = &w->k[i];
  walk at = {t, &t->model->normals[i], w->input};
  if (!mst_all_finite(w->input, l->inputs))
    mst_fail(err, MASTING_ERR_DATA, "%s: an input is not finite", at.normal->name);
  if (mst_agree(k->grid->comm, err) != MASTING_OK ||
      mst_dist_fill_parts(k, covariance, &at, err) != MASTING_OK ||
      mst_normal(k, w->residual, log_density, w->slope, NULL, err) != MASTING_OK ||
      mst_normal_contract(k, (int)l->inputs, slopes, &at, w->input_slope, err) != MASTING_OK)
    return err->status;
  if (!isfinite(*log_density) || !mst_all_finite(w->slope, l->order) ||
      !mst_all_finite(w->input_slope, l->inputs)) /* the same numbers on all ranks */
    return mst_fail(err, MASTING_ERR_DATA, "%s: not finite", at.normal->name);
  return MASTING_OK;
}

/* Elements of one lane, to or from an array of its own. */
static void take(const double *lane, int64_t count, int lanes, double *to) {
  for (int64_t i = 0; i < count; i++) to[i] = lane[i * lanes];
}
static void give(double *lane, int64_t count, int lanes, const double *from) {
  for (int64_t i = 0; i < count; i++) lane[i * lanes] = from ? from[i] : 0.0;
}

/* Normal i of one slot, whose numbers become slopes in place; returns its log density, -inf if
 * it has none. */
static double one(mst_target *t, int i, double *lane, mst_error *err) {
  struct mst_normal_work *w = t->normal_work;
  const mst_normal_layout *l = &t->layout.normal[i];
  double value = 0, *input = lane + l->order * t->lanes;
  mst_error failed = {0};
  if (l->order == 0) {
    give(input, l->inputs, t->lanes, NULL);
    return 0;
  }
  take(lane, l->order, t->lanes, w->residual);
  take(input, l->inputs, t->lanes, w->input);
  const bool made = evaluate(t, i, &value, &failed) == MASTING_OK;
  give(lane, l->order, t->lanes, made ? w->slope : NULL);
  give(input, l->inputs, t->lanes, made ? w->input_slope : NULL);
  if (made) return value;
  if (failed.status != MASTING_ERR_DATA) {
    /* no other rank knows of it */
    if (!mst_normal_is_distributed(t, i)) mst_abort_all(t->comm, &failed);
    *err = failed;
  }
  return -INFINITY;
}

static double *lane_of(const mst_target *t, int slot, int64_t element) {
  return t->normal + ((slot / t->lanes) * t->layout.normals + element) * t->lanes + slot % t->lanes;
}

static void one_slot(mst_target *t, int slot, mst_error *err) {
  struct mst_normal_work *w = t->normal_work;
  const int source = t->source[slot];
  w->log_density[slot] = 0;
  for (int i = 0; i < t->model->nnormals && source == slot && err->status == MASTING_OK; i++)
    w->log_density[slot] += one(t, i, lane_of(t, slot, t->layout.normal[i].offset), err);
  if (source == slot) return;
  for (int64_t k = 0; k < t->layout.normals; k++)
    *lane_of(t, slot, k) = source < 0 ? 0.0 : *lane_of(t, source, k);
  if (source >= 0) w->log_density[slot] = w->log_density[source];
}

/* Collective: functions that walk a rank's tiles may have left trouble on that rank alone. */
static masting_status request_abort(mst_target *t, mst_error *err) {
  mst_error trouble = {0};
  int objects = mst_target_trouble(t, &trouble) != MASTING_OK, all = 0;
  if (mst_mpi_check(MPI_Allreduce(&objects, &all, 1, MPI_INT, MPI_SUM, t->comm->mpi),
                    "MPI_Allreduce", err) != MASTING_OK)
    return err->status;
  mst_count(&t->normal_work->distributed.comm, (int64_t)sizeof all);
  t->abort_count += all;
  return MASTING_OK;
}

masting_status mst_target_normals(mst_target *t, int nextra, mst_error *err) {
  struct mst_normal_work *w = t->normal_work;
  if (!w) return MASTING_OK;
  const int slots = t->batches * t->lanes;
  if (t->abort_count) { /* the run ends: no more work, nor messages */
    memset(t->normal, 0, (size_t)(t->layout.normals * slots) * sizeof *t->normal);
    return MASTING_OK;
  }
  for (int s = 0; s < slots && err->status == MASTING_OK; s++) one_slot(t, s, err);
  if (err->status != MASTING_OK) return err->status;
  for (int s = 0; s < slots; s++)
    mst_total_lp(t, s / t->lanes, nextra)[s % t->lanes] += w->log_density[s];
  if (w->distributed.begun) request_abort(t, err);
  t->collectives += w->traffic.calls;
  t->collective_bytes += w->traffic.bytes;
  w->traffic = (mst_traffic){0};
  return err->status;
}

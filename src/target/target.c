/* target/target.c -- making a target and telling its size. See target.h. */
#include "config.h"

#include "target/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "par/exact.h"
#include "target/gather.h"
#include "target/bind.h"
#include "target/hot.h"
#include "target/normal.h"
#include "target/pass.h"
#include "target/range.h"

MST_HOT_PICK(mst_target_hot, mst_target_hot_, mst_target_hot_at)

static int log2_of(int lanes) { return __builtin_ctz((unsigned)lanes); }

/* The smallest width that holds all chains, at most the machine's own. */
static int natural_lanes(mst_isa isa, int chains) {
  int lanes = 1;
  while (lanes < chains && lanes < mst_isa_lanes(isa)) lanes *= 2;
  return lanes;
}

/* Narrower widths first: they waste no lanes. */
static const masting_model *pick_width(const mst_model_set *set, int lanes, mst_error *err) {
  for (int i = log2_of(lanes); i >= 0; i--)
    if (set->width[i]) return set->width[i];
  for (int i = log2_of(lanes); i < 5; i++)
    if (set->width[i]) return set->width[i];
  mst_fail(err, MASTING_ERR_MODEL, "model %s: no kernels for any lane width", set->name);
  return NULL;
}

static int block_elements(const mst_target *t) {
  return (int)(t->data->shard.block_rows * t->layout.locals);
}

static void make_work(mst_target *t, mst_thread_work *w, mst_error *err) {
  const size_t lane = (size_t)t->lanes * sizeof(double), S = (size_t)t->layout.reduced;
  const size_t limbs = t->reduction == MST_EXACT ? MST_LIMBS : 1;
  const size_t elements = (size_t)block_elements(t);
  mst_alloc(&w->acc, (size_t)t->batches * (size_t)t->max_values * limbs, lane, "sums", err);
  mst_alloc((void **)&w->bad, (size_t)t->batches, lane, "flags", err);
  mst_alloc((void **)&w->hard, (size_t)t->batches, lane, "flags", err);
  mst_alloc((void **)&w->wide_lp, (size_t)t->batches, lane, "flags", err);
  mst_alloc((void **)&w->tiny, (size_t)t->batches, lane, "flags", err);
  mst_alloc((void **)&w->theta_grad, S, lane, "gradient", err);
  mst_alloc((void **)&w->local_grad, elements, lane, "row-local gradient", err);
  if (t->layout.local_transforms)
    mst_alloc((void **)&w->local_theta, elements, lane, "row-local parameters", err);
  for (int g = 0; g < t->model->ngathers; g++)
    mst_alloc((void **)&w->gather_grad[g], (size_t)t->gather[g].most * (size_t)t->gather[g].width,
              lane, "gathered gradient", err);
  if (t->model->scratch_bytes)
    mst_alloc(&w->scratch, t->model->scratch_bytes(t->size, t->data->shard.block_rows), 1,
              "model's scratch", err);
}

static void make_arrays(mst_target *t, mst_error *err) {
  const size_t lane = (size_t)t->lanes * sizeof(double), B = (size_t)t->batches;
  const size_t P = (size_t)t->layout.globals, values = B * (size_t)t->max_values;
  const size_t limbs = t->reduction == MST_EXACT ? MST_LIMBS : 1;
  mst_alloc(&t->message, values * limbs + B + 3, lane < 16 ? 16 : lane, "message", err);
  mst_alloc((void **)&t->total, values, lane, "totals", err);
  mst_alloc((void **)&t->theta, B * P, lane, "parameters", err);
  mst_alloc((void **)&t->theta_start, B * P, lane, "parameters", err);
  if (t->model->nshared) {
    const size_t S = (size_t)t->layout.shared;
    mst_alloc((void **)&t->shared, B * S, lane, "shared values", err);
    mst_alloc((void **)&t->shared_start, B * S, lane, "shared values", err);
    mst_alloc((void **)&t->grad, B * P, lane, "gradient", err);
  }
  mst_alloc((void **)&t->jacobian, B, lane, "Jacobians", err);
  mst_alloc((void **)&t->work, (size_t)t->threads, sizeof *t->work, "threads", err);
  mst_range_begin(t, err);
  mst_gathers_make(t, err);
  for (int i = 0; i < t->threads && err->status == MASTING_OK; i++) make_work(t, &t->work[i], err);
}

masting_status mst_target_create(mst_target **target, const mst_comm *comm,
                                 const mst_model_set *model, const mst_dataset *data, mst_isa isa,
                                 int chains, int lanes, mst_reduction reduction, mst_error *err) {
  mst_target *t = NULL;
  mst_alloc((void **)&t, 1, sizeof *t, "target", err);
  *target = t;
  if (err->status == MASTING_OK) {
    t->comm = comm;
    t->data = data;
    t->isa = isa;
    t->reduction = reduction;
    t->model_hash = model->hash;
    t->chains = chains;
    t->threads = comm->threads;
    t->model = pick_width(model, lanes ? lanes : natural_lanes(isa, chains), err);
  }
  if (err->status == MASTING_OK) {
    t->lanes = t->model->lanes;
    t->batches = (chains + t->lanes - 1) / t->lanes;
    MST_ASSERT(t->batches <= MST_MAX_BATCHES);
    mst_model_check(t->model, err);
  }
  if (mst_agree(comm, err) == MASTING_OK && mst_target_bind(t, err) == MASTING_OK &&
      mst_layout_make(&t->layout, t->model, t->size, err) == MASTING_OK) {
    t->max_values = 1 + (t->layout.locals ? MST_MAX_EXTRAS : 0) + t->layout.reduced;
    make_arrays(t, err);
  }
  if (mst_agree(comm, err) == MASTING_OK) mst_normals_begin(t, err);
  if (err->status != MASTING_OK) mst_target_free(target);
  return err->status;
}

static void free_work(mst_thread_work *w) {
  mst_free(&w->acc);
  mst_free(&w->bad);
  mst_free(&w->hard);
  mst_free(&w->wide_lp);
  mst_free(&w->tiny);
  mst_free(&w->theta_grad);
  mst_free(&w->local_grad);
  mst_free(&w->local_theta);
  for (int g = 0; g < MASTING_MAX_GATHER; g++) mst_free(&w->gather_grad[g]);
  mst_free(&w->scratch);
}

void mst_target_free(mst_target **target) {
  mst_target *t = *target;
  if (!t) return;
  mst_normals_end(t);
  mst_target_unbind(t);
  for (int i = 0; t->work && i < t->threads; i++) free_work(&t->work[i]);
  for (int g = 0; g < MASTING_MAX_GATHER; g++) mst_gather_free(&t->gather[g]);
  mst_free(&t->work);
  mst_free(&t->message);
  mst_free(&t->total);
  mst_free(&t->theta);
  mst_free(&t->theta_start);
  mst_free(&t->shared);
  mst_free(&t->shared_start);
  mst_free(&t->grad);
  mst_free(&t->jacobian);
  mst_range_end(t);
  mst_free(target);
}

masting_status mst_target_trouble(const mst_target *t, mst_error *err) {
  const char *why = t->model->trouble ? t->model->trouble(t->state) : NULL;
  if (!why) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_MODEL, "model %s, rank %d: %s", t->model->name, t->comm->rank,
                  why);
}

const mst_layout *mst_target_layout(const mst_target *t) { return &t->layout; }

int64_t mst_target_made_bytes(const mst_target *t) { return t->made_bytes; }

int64_t mst_target_message_bytes(const mst_target *t) {
  return mst_target_bytes(t, t->layout.locals ? 2 : 0);
}

/* Per lane and element: positions and momenta of both ends, a point (double and float) for each
 * buffer that trees of this depth fill, four means of the metric's estimators; once per element:
 * the metric and its sums. */
int64_t mst_target_resident_estimate(const mst_target *t, int tree_depth) {
  const int64_t lanes = (int64_t)t->batches * t->lanes, points = 2 * tree_depth + 5;
  const int64_t local = t->data->shard.rows * t->layout.locals, global = t->layout.globals;
  const int64_t sums = t->batches * t->max_values * t->lanes * 8;
  const int64_t limbs = t->reduction == MST_EXACT ? MST_LIMBS : 1;
  const int64_t swept = t->shared ? (2 * t->layout.shared + global) * lanes * 8 : 0;
  return t->data->bytes + t->made_bytes + swept + mst_normals_bytes(t) +
         local * (lanes * (4 * 8 + points * 12 + 4 * 8) + 6 * 8) +
         global * lanes * (4 * 8 + points * 20 + 4 * 8) + sums * (limbs * (t->threads + 1) + 1);
}

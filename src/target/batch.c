/* target/batch.c -- see batch.h. */
#define XXH_INLINE_ALL /* header only: no dispatch at run time */
#include "target/batch.h"

#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "target/hot.h"

masting_status mst_batch_begin(mst_batch *b, mst_target *t, mst_error *err) {
  const size_t lane = (size_t)t->lanes * sizeof(double), B = (size_t)t->batches;
  *b = (mst_batch){.target = t,
                   .slots = t->batches * t->lanes,
                   .globals = t->layout.globals,
                   .locals = t->data->shard.rows * t->layout.locals};
  mst_alloc((void **)&b->y, B * (size_t)b->globals, lane, "points", err);
  mst_alloc((void **)&b->local, B * (size_t)b->locals, lane, "points", err);
  mst_alloc((void **)&b->local_grad, B * (size_t)b->locals, lane, "gradients", err);
  mst_alloc((void **)&b->lp, B, lane, "log densities", err);
  return mst_agree(t->comm, err);
}

void mst_batch_end(mst_batch *b) {
  mst_free(&b->y);
  mst_free(&b->local);
  mst_free(&b->local_grad);
  mst_free(&b->lp);
}

/* The message carries a hash of the points: ranks whose points differ would sum different
 * functions. */
static void hash_points(const mst_batch *b) {
  mst_target *t = b->target;
  const uint64_t h = XXH3_64bits(b->y, (size_t)(b->slots * b->globals) * sizeof(double));
  t->hash[0] = h;
  t->hash[1] = h * UINT64_C(0x9E3779B97F4A7C15);
}

/* Have two slots the same globals? */
static bool same_point(const mst_batch *b, int s, int other) {
  for (int64_t i = 0; i < b->globals; i++)
    if (b->y[mst_batch_global(b, s, i)] != b->y[mst_batch_global(b, other, i)]) return false;
  return true;
}

/* Spare slots repeat a point, and differences by rows alone: a normal is computed once for them. */
static void find_sources(const mst_batch *b) {
  int *source = b->target->source;
  for (int s = 0; source && s < b->slots; s++) {
    source[s] = s;
    for (int other = 0; other < s && source[s] == s; other++)
      if (source[other] == other && same_point(b, s, other)) source[s] = other;
  }
}

static void sweep(mst_batch *b, int nextra, mst_batch_hook *hook, void *context) {
  mst_target *t = b->target;
  const mst_target_hot *hot = mst_target_hot_at(t->isa, t->lanes);
  const mst_eval_call call = {b->local, b->local_grad, nextra, hook, context};
#pragma omp parallel for schedule(static, 1) num_threads(t->threads)
  /* the shares are fixed; if the system gives fewer threads, each takes more of them */
  for (int k = 0; k < t->threads; k++) hot->eval(t, k, &call);
}

typedef struct repeat {
  mst_batch *batch;
  int nextra;
} repeat;

static void sweep_again(void *context) {
  const repeat *r = context;
  sweep(r->batch, r->nextra, NULL, NULL);
}

/* A rank's trouble stands in its message as an objection; only then is there a second one. */
static masting_status hear_trouble(mst_target *t, mst_error *err) {
  const int abort_count = t->abort_count;
  t->abort_requested = 0;
  mst_target_trouble(t, err); /* the replicated part may have found some, on all ranks alike */
  if (abort_count == 0 && err->status == MASTING_OK) return MASTING_OK;
  return mst_agree(t->comm, err);
}

masting_status mst_batch_eval(mst_batch *b, int nextra, mst_batch_hook *hook, void *context,
                              mst_error *err) {
  mst_target *t = b->target;
  const mst_target_hot *hot = mst_target_hot_at(t->isa, t->lanes);
  const int64_t P = b->globals * t->lanes;
  mst_error trouble = {0};
  MST_ASSERT(nextra <= (t->layout.locals ? MST_MAX_EXTRAS : 0));
  b->nextra = nextra;
  hash_points(b);
  find_sources(b);
  for (int k = 0; k < t->batches; k++) hot->constrain(t, k, b->y + k * P);
  sweep(b, nextra, hook, context);
  t->abort_requested = mst_target_trouble(t, &trouble) != MASTING_OK;
  repeat again = {b, nextra};
  t->again = sweep_again;
  t->again_context = &again;
  for (int s = 0; s < b->slots; s++) t->range.heed[s] = MST_HEED_ALL;
  const masting_status summed = mst_target_reduce(t, nextra, err);
  t->again = NULL;
  if (summed != MASTING_OK || mst_target_normals(t, nextra, err) != MASTING_OK) return err->status;
  for (int k = 0; k < t->batches; k++) {
    hot->finish(t, k, nextra, b->y + k * P);
    memcpy(b->lp + k * t->lanes, mst_total_lp(t, k, nextra), (size_t)t->lanes * sizeof(double));
  }
  return hear_trouble(t, err);
}

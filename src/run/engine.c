/* run/engine.c -- see engine.h. */
#define XXH_INLINE_ALL /* header only: no dispatch at run time */
#include "run/engine.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"

#define CHUNK_PAD 32

static void make_metric(mst_state *s, const mst_state *shared, bool pooled,
                        mst_adaptation adaptation, size_t lanes, mst_error *err) {
  const size_t n = (size_t)s->stride;
  if (pooled && shared) { /* one metric for all batches */
    for (int k = 0; k < 2; k++) {
      s->minv[k] = shared->minv[k];
      s->m2_q[k] = shared->m2_q[k];
      s->m2_g[k] = shared->m2_g[k];
    }
  } else {
    const size_t width = pooled ? 1 : lanes;
    for (int k = 0; pooled && k < 2; k++)
      mst_alloc((void **)&s->minv[k], n, sizeof(double), "metric", err);
    if (!pooled) mst_alloc((void **)&s->minv_lane, n * lanes, sizeof(double), "metric", err);
    for (int k = 0; k < 2; k++) { /* also for metric 1: the sums of from_gradient live here */
      mst_alloc((void **)&s->m2_q[k], n * width, sizeof(double), "metric estimator", err);
      mst_alloc((void **)&s->m2_g[k], n * width, sizeof(double), "metric estimator", err);
    }
  }
  for (int k = 0; adaptation != MST_ADAPT_NONE && k < 2; k++) {
    mst_alloc((void **)&s->mean_q[k], n * lanes, sizeof(double), "metric estimator", err);
    mst_alloc((void **)&s->mean_g[k], n * lanes, sizeof(double), "metric estimator", err);
  }
  if (err->status != MASTING_OK) return;
  for (size_t i = 0; i < n; i++) {
    if (pooled)
      s->minv[0][i] = s->minv[1][i] = 1.0;
    else
      for (size_t lane = 0; lane < lanes; lane++) s->minv_lane[i * lanes + lane] = 1.0;
  }
}

/* The reference Gaussian of rotations; one for all batches. */
static void make_reference(mst_state *s, const mst_state *shared, mst_error *err) {
  if (shared) {
    s->mean = shared->mean;
    s->sd = shared->sd;
    return;
  }
  mst_alloc((void **)&s->mean, (size_t)s->stride, sizeof(double), "means", err);
  mst_alloc((void **)&s->sd, (size_t)s->stride, sizeof(double), "standard deviations", err);
}

static void make_state(mst_state *s, int64_t elements, bool global, int points, size_t lanes,
                       mst_error *err) {
  s->elements = elements;
  s->stride = (elements + CHUNK_PAD - 1) / CHUNK_PAD * CHUNK_PAD;
  const size_t n = (size_t)s->stride * lanes, pool = n * (size_t)points;
  mst_alloc((void **)&s->q, n, sizeof(double), "positions", err);
  mst_alloc((void **)&s->p, n, sizeof(double), "momenta", err);
  mst_alloc((void **)&s->q_other, n, sizeof(double), "positions", err);
  mst_alloc((void **)&s->p_other, n, sizeof(double), "momenta", err);
  mst_alloc((void **)&s->point_q, pool, sizeof(double), "points of the trees", err);
  mst_alloc((void **)&s->point_p, pool, sizeof(uint32_t), "points of the trees", err);
  if (global) mst_alloc((void **)&s->point_g, pool, sizeof(double), "points of the trees", err);
}

static void free_state(mst_state *s, bool owns_metric) {
  mst_free(&s->q);
  mst_free(&s->p);
  mst_free(&s->q_other);
  mst_free(&s->p_other);
  mst_free(&s->point_q);
  mst_free(&s->point_p);
  mst_free(&s->point_g);
  for (int k = 0; k < 2; k++) {
    if (owns_metric) {
      mst_free(&s->minv[k]);
      mst_free(&s->m2_q[k]);
      mst_free(&s->m2_g[k]);
    }
    mst_free(&s->mean_q[k]);
    mst_free(&s->mean_g[k]);
  }
  if (owns_metric) {
    mst_free(&s->mean);
    mst_free(&s->sd);
  }
  mst_free(&s->minv_lane);
}

static void make_pass(mst_engine *e, const mst_engine_options *o, mst_error *err) {
  mst_pass *p = &e->pass;
  const mst_target *t = e->target;
  const size_t slots = (size_t)e->slots, B = (size_t)t->batches, lane = (size_t)t->lanes * 8;
  *p = (mst_pass){.target = e->target,
                  .seed = o->seed,
                  .init_radius = o->init_radius,
                  .std_normal = mst_std_normal(t->isa),
                  .metric_instruction = {.adaptation = o->adaptation,
                                         .pooled = o->pooled,
                                         .update = -1,
                                         .clear = -1,
                                         .reference = -1}};
  mst_alloc((void **)&p->instruction, slots, sizeof *p->instruction, "orders", err);
  mst_alloc((void **)&p->chain, slots, sizeof *p->chain, "chains", err);
  mst_alloc((void **)&p->global, B, sizeof *p->global, "states", err);
  mst_alloc((void **)&p->local, B, sizeof *p->local, "states", err);
  mst_alloc((void **)&p->global_extra, B * MST_MAX_EXTRAS, lane, "sums", err);
  mst_alloc((void **)&p->lp, slots, 8, "sums", err);
  mst_alloc((void **)&p->k0, slots, 8, "sums", err);
  mst_alloc((void **)&p->k1, slots, 8, "sums", err);
  mst_alloc((void **)&p->product, slots * 2 * MST_MAX_PAIRS, 8, "sums", err);
  mst_alloc((void **)&p->eps, B, lane, "step sizes", err);
  mst_alloc((void **)&p->thread_scratch, (size_t)t->threads, sizeof(double *), "threads", err);
  if (err->status != MASTING_OK) return;
  const size_t block = (size_t)(t->data->shard.block_rows * t->layout.locals);
  for (int k = 0; k < t->threads; k++)
    mst_alloc((void **)&p->thread_scratch[k], block + 1, lane, "scratch", err);
  const int points = 2 * o->max_depth + 6;
  for (int b = 0; b < t->batches; b++) {
    make_state(&p->global[b], t->layout.globals, true, points, (size_t)t->lanes, err);
    make_metric(&p->global[b], b ? &p->global[0] : NULL, o->pooled, o->adaptation, (size_t)t->lanes,
                err);
    make_state(&p->local[b], t->data->shard.rows * t->layout.locals, false, points,
               (size_t)t->lanes, err);
    make_metric(&p->local[b], b ? &p->local[0] : NULL, o->pooled, o->adaptation, (size_t)t->lanes,
                err);
    if (!o->rotates) continue;
    make_reference(&p->global[b], b ? &p->global[0] : NULL, err);
    make_reference(&p->local[b], b ? &p->local[0] : NULL, err);
  }
}

masting_status mst_engine_begin(mst_engine *e, mst_target *target, const mst_engine_options *o,
                                mst_error *err) {
  memset(e, 0, sizeof *e);
  e->target = target;
  e->hot = mst_pass_hot_at(target->isa, target->lanes);
  e->chains = target->chains;
  e->slots = target->batches * target->lanes;
  mst_alloc((void **)&e->tree, (size_t)e->slots, sizeof *e->tree, "trees", err);
  mst_alloc((void **)&e->made, (size_t)e->slots, sizeof *e->made, "trees", err);
  mst_alloc((void **)&e->stale, (size_t)e->slots, sizeof *e->stale, "trees", err);
  if (err->status == MASTING_OK) make_pass(e, o, err);
  if (mst_agree(target->comm, err) != MASTING_OK) {
    mst_engine_end(e);
    return err->status;
  }
  /* Lanes without a chain find a starting point like the others, so that their numbers are sound,
   * and rest there. */
  for (int c = 0; c < e->slots; c++) {
    mst_tree_begin(&e->tree[c], o->seed, c, o->max_depth, o->step_size);
    e->pass.chain[c].clear = -1;
  }
  return MASTING_OK;
}

#define BEYOND_CACHES (4 << 20) /* bytes of a point of all chains */

bool mst_engine_may_keep(const mst_engine *e) {
  const mst_target *t = e->target;
  const int64_t rows = t->data->shard.n / t->comm->size;
  return t->layout.locals == 0 || rows * t->layout.locals * e->slots * 12 >= BEYOND_CACHES;
}

void mst_engine_end(mst_engine *e) {
  mst_pass *p = &e->pass;
  const bool pooled = p->metric_instruction.pooled;
  for (int b = 0; e->target && b < e->target->batches; b++) {
    if (p->global) free_state(&p->global[b], !pooled || b == 0);
    if (p->local) free_state(&p->local[b], !pooled || b == 0);
  }
  for (int k = 0; p->thread_scratch && k < e->target->threads; k++) mst_free(&p->thread_scratch[k]);
  mst_free(&p->thread_scratch);
  mst_free(&p->instruction);
  mst_free(&p->chain);
  mst_free(&p->global);
  mst_free(&p->local);
  mst_free(&p->global_extra);
  mst_free(&p->lp);
  mst_free(&p->k0);
  mst_free(&p->k1);
  mst_free(&p->product);
  mst_free(&p->eps);
  mst_free(&e->tree);
  mst_free(&e->made);
  mst_free(&e->stale);
}

/* A log density beyond the range of sums is a divergence where the trajectory's own is far
 * within. */
static mst_heed heed(const mst_tree *t, const mst_instruction *o) {
  if (!o->active) return MST_HEED_NOTHING;
  const bool moves = t->phase == MST_CHAIN_SEARCH || t->phase == MST_CHAIN_DRAW;
  return moves && fabs(t->h0) < 0x1p52 ? MST_HEED_GRADIENT : MST_HEED_ALL;
}

/* Orders of all chains. The message must have the same length on all ranks even if one has gone
 * astray, or the allreduce could hang before the hashes are compared: so its length follows from
 * what was planned a step ago, which the last message proved equal. */
static void plan(mst_engine *e) {
  mst_pass *p = &e->pass;
  int deepest = 0, pairs = 0;
  for (int c = 0; c < e->slots; c++) {
    mst_tree *t = &e->tree[c];
    t->keeps_origin = e->keeps_starts || e->replaying;
    mst_tree_plan(t, &p->instruction[c]);
    if (t->phase == MST_CHAIN_DRAW && t->depth > deepest) deepest = t->depth;
    if (p->instruction[c].npairs > pairs) pairs = p->instruction[c].npairs;
    if (e->target->source) e->target->source[c] = p->instruction[c].active ? c : -1;
    e->target->range.heed[c] = (uint8_t)heed(t, &p->instruction[c]);
  }
  const int most = mst_tree_pairs(e->depth_before + 1);
  p->nextra = e->target->layout.locals
                  ? MST_EXTRA_PAIRS + 2 * (most < MST_MAX_PAIRS ? most : MST_MAX_PAIRS)
                  : 0;
  MST_ASSERT(pairs <= most);
  e->depth_before = deepest;
}

/* Hash of the last results that the trees processed and of their states: ranks with equal hashes
 * will take the same steps. */
static void hash_state(mst_engine *e) {
  const mst_pass *p = &e->pass;
  const size_t slots = (size_t)e->slots;
  uint64_t h = e->hash;
  h = XXH3_64bits_withSeed(p->instruction, slots * sizeof *p->instruction, h);
  h = XXH3_64bits_withSeed(p->lp, slots * 8, h);
  h = XXH3_64bits_withSeed(p->k1, slots * 8, h);
  for (int b = 0; b < e->target->batches; b++)
    h = XXH3_64bits_withSeed(p->global[b].q, (size_t)(p->global[b].elements * e->target->lanes) * 8,
                             h);
  e->hash = h;
  e->target->hash[0] = h;
  e->target->hash[1] = h * UINT64_C(0x9E3779B97F4A7C15);
}

static void sweep(mst_engine *e) {
  const int threads = e->target->threads;
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  /* the shares are fixed; if the system gives fewer threads, each takes more of them */
  for (int k = 0; k < threads; k++) e->hot->thread(&e->pass, k);
}

static void sweep_again(void *context) {
  mst_engine *e = context;
  const int threads = e->target->threads;
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int k = 0; k < threads; k++) e->hot->again(&e->pass, k);
}

masting_status mst_engine_step(mst_engine *e, mst_error *err) {
  mst_pass *p = &e->pass;
  plan(e);
  hash_state(e);
  if (p->apply && mst_target_same(e->target, err) != MASTING_OK) return err->status;
  e->hot->before(p);
  sweep(e);
  mst_error trouble = {0};
  if (mst_target_trouble(e->target, &trouble) != MASTING_OK) e->target->abort_requested = 1;
  const int64_t changes = e->target->range.changes;
  e->target->again = e->replaying ? NULL : sweep_again;
  e->target->again_context = e;
  if (mst_target_reduce(e->target, p->nextra, err) != MASTING_OK ||
      mst_target_normals(e->target, p->nextra, err) != MASTING_OK)
    return err->status;
  e->hot->after(p);
  e->steps++;
  p->metric_instruction.update = p->metric_instruction.clear = -1;
  p->metric_instruction.reference = -1;
  p->metric_instruction.from_gradient = false;
  for (int c = 0; c < e->slots; c++) {
    e->gradients += c < e->chains && p->instruction[c].active;
    p->chain[c].clear = -1;
    e->made[c] = mst_tree_digest(&e->tree[c], &p->instruction[c], p->lp[c], p->k0[c], p->k1[c],
                                 p->product + (size_t)c * 2 * MST_MAX_PAIRS);
    e->stale[c] = !e->made[c] && (e->stale[c] || e->target->range.changes != changes);
  }
  return MASTING_OK;
}

const double *mst_engine_globals(const mst_engine *e, int c) {
  const int lanes = e->target->lanes;
  const mst_state *s = &e->pass.global[c / lanes];
  return s->point_q + ((int64_t)e->tree[c].prop * lanes + c % lanes) * s->stride;
}

const double *mst_engine_locals(const mst_engine *e, int c) {
  const int lanes = e->target->lanes;
  const mst_state *s = &e->pass.local[c / lanes];
  return s->point_q + ((int64_t)e->tree[c].prop * lanes + c % lanes) * s->stride;
}

const double *mst_engine_gradient(const mst_engine *e, int c) {
  const int lanes = e->target->lanes;
  const mst_state *s = &e->pass.global[c / lanes];
  return s->point_g + ((int64_t)e->tree[c].prop * lanes + c % lanes) * s->stride;
}

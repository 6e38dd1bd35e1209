/* target/bind.c -- see bind.h.
 *
 * A phase's values are combined over blocks and ranks so that their bits do not depend on either:
 * minima and maxima are exact anyway, sums are long sums (par/longsum.h).
 */
#include "target/bind.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "data/schema.h"
#include "data/simrng.h"
#include "par/longsum.h"

static masting_status refuse_data(const mst_target *t, const char *why, mst_error *err) {
  return mst_fail(err, MASTING_ERR_DATA, "model %s: %s", t->model->name, why);
}

static void take_data(mst_target *t) {
  const mst_dataset *d = t->data;
  memcpy(t->size, d->size, sizeof t->size);
  memcpy(t->row_bytes, d->row_bytes, sizeof t->row_bytes);
  memcpy(t->var, d->var, sizeof t->var);
  for (int v = 0; v < t->model->ndata; v++) t->replicated[v] = d->sharded[v] ? NULL : d->var[v];
}

/* A stream for what is made in setup (step 0) or at the end of a phase (1 + its number), or in the
 * rows of a phase. */
static masting_random random_at(const mst_target *t, masting_rng *rng, mst_use use, int step) {
  mst_simrng_draw(rng, t->data->seed, use, 0, (uint64_t)step);
  return (masting_random){.ops = &mst_simrng_ops, .rng = rng};
}

static masting_status set_up(mst_target *t, mst_error *err) {
  const masting_model *m = t->model;
  masting_rng rng;
  const masting_random at = random_at(t, &rng, MST_USE_SETUP, 0);
  const char *wrong = m->setup ? m->setup(&at, t->size, t->replicated, &t->state) : NULL;
  if (wrong) return refuse_data(t, wrong, err);
  for (int s = 0; s < m->nsizes; s++)
    if (!m->sizes[s].computed && t->size[s] != t->data->size[s])
      return mst_fail(err, MASTING_ERR_MODEL,
                      "model %s: setup changed the size %s, which is not computed", m->name,
                      m->sizes[s].name);
  return MASTING_OK;
}

/* Rows for made data. */
static masting_status make_room(mst_target *t, mst_error *err) {
  const masting_model *m = t->model;
  for (int v = 0; v < m->ndata && err->status == MASTING_OK; v++) {
    const masting_data *d = &m->data[v];
    int64_t bytes = mst_type_bytes(d->type), all;
    if (!d->made) continue;
    for (int i = 0; i < d->ndims; i++)
      if (d->dims[i] != m->shard &&
          (t->size[d->dims[i]] < 0 || __builtin_mul_overflow(bytes, t->size[d->dims[i]], &bytes)))
        return mst_fail(err, MASTING_ERR_DATA, "model %s: %s: the size %s cannot be %lld", m->name,
                        d->name, m->sizes[d->dims[i]].name, (long long)t->size[d->dims[i]]);
    if (__builtin_mul_overflow(bytes, t->data->shard.rows, &all))
      return mst_fail(err, MASTING_ERR_MEMORY, "model %s: %s: too large for any machine", m->name,
                      d->name);
    t->row_bytes[v] = bytes;
    t->made_bytes += all;
    mst_alloc(&t->made[v], (size_t)t->data->shard.rows, (size_t)bytes, d->name, err);
    t->var[v] = t->made[v];
  }
  return err->status;
}

/* ---- one phase ---- */

typedef struct phase {
  mst_target *t;
  int number;
  masting_op op;
  int64_t values;
  double *extreme; /* [threads][values], minima or maxima so far; of thread 0 in the end */
  double *block;   /* [threads][values] */
  int64_t *sum;    /* [threads][values][MST_LONG_WORDS] */
} phase;

static masting_status phase_begin(phase *p, mst_target *t, int number, mst_error *err) {
  const masting_model *m = t->model;
  *p = (phase){.t = t, .number = number, .op = MASTING_SUM};
  if (m->phase_values) p->values = m->phase_values(t->state, t->size, number);
  if (m->phase_values) p->op = m->phase_op(t->state, number);
  if (p->values < 0) {
    p->values = 0;
    return mst_fail(err, MASTING_ERR_MODEL, "model %s: phase %d has fewer than 0 values", m->name,
                    number);
  }
  const size_t all = (size_t)t->threads * (size_t)p->values;
  mst_alloc((void **)&p->block, all, 8, "values of a phase", err);
  mst_alloc((void **)&p->extreme, all, 8, "values of a phase", err);
  if (p->op == MASTING_SUM)
    mst_alloc((void **)&p->sum, all * MST_LONG_WORDS, 8, "sums of a phase", err);
  return err->status;
}

static void phase_free(phase *p) {
  mst_free(&p->block);
  mst_free(&p->extreme);
  mst_free(&p->sum);
}

static double neutral(masting_op op) {
  return op == MASTING_MIN ? INFINITY : op == MASTING_MAX ? -INFINITY : 0.0;
}

/* The smaller or larger; NaN if either is. */
static double more_extreme(masting_op op, double a, double b) {
  if (isnan(a) || isnan(b)) return NAN;
  return (op == MASTING_MIN ? a < b : a > b) ? a : b;
}

/* Blocks of one thread's share. */
static void phase_thread(const phase *p, int thread) {
  const mst_target *t = p->t;
  const mst_shard *s = &t->data->shard;
  const void *data[MST_MAX_DATA];
  double *values = p->block + thread * p->values, *extreme = p->extreme + thread * p->values;
  int64_t begin, end;
  masting_rng rng;
  const masting_random at = random_at(t, &rng, MST_USE_SETUP_ROW, 1 + p->number);
  mst_shard_thread(s, thread, t->threads, &begin, &end);
  for (int64_t i = 0; i < p->values; i++) extreme[i] = neutral(p->op);
  for (int64_t block = begin; block < end; block++) {
    const int64_t first = mst_block_first(s, block).v;
    for (int v = 0; v < t->model->ndata; v++)
      data[v] = (const char *)t->var[v] + first * t->row_bytes[v];
    const masting_block b = {.first_row = s->first_row.v + first,
                             .rows = mst_block_count(s, block),
                             .data = data,
                             .type = t->data->type,
                             .size = t->size,
                             .at = &at};
    for (int64_t i = 0; i < p->values; i++) values[i] = neutral(p->op);
    t->model->phase_rows(t->state, p->number, &b, values);
    for (int64_t i = 0; i < p->values; i++)
      if (p->op == MASTING_SUM)
        mst_long_add(p->sum + (thread * p->values + i) * MST_LONG_WORDS, values[i]);
      else
        extreme[i] = more_extreme(p->op, extreme[i], values[i]);
  }
}

/* Collective. Over threads and ranks, into extreme[values]. What MPI makes of a NaN is not said
 * anywhere: so flags tell of them, in a message of their own. */
static masting_status join_extremes(phase *p, mst_error *err) {
  double *x = p->extreme;
  const MPI_Op op = p->op == MASTING_MIN ? MPI_MIN : MPI_MAX;
  for (int64_t i = 0; i < p->values; i++) {
    for (int k = 1; k < p->t->threads; k++) x[i] = more_extreme(p->op, x[i], x[k * p->values + i]);
    p->block[i] = isnan(x[i]);
    if (isnan(x[i])) x[i] = neutral(p->op);
  }
  if (mst_mpi_check(MPI_Allreduce(MPI_IN_PLACE, x, (int)p->values, MPI_DOUBLE, op, p->t->comm->mpi),
                    "MPI_Allreduce", err) ||
      mst_mpi_check(MPI_Allreduce(MPI_IN_PLACE, p->block, (int)p->values, MPI_DOUBLE, MPI_MAX,
                                  p->t->comm->mpi),
                    "MPI_Allreduce", err))
    return err->status;
  for (int64_t i = 0; i < p->values; i++)
    if (p->block[i] > 0) x[i] = NAN;
  return MASTING_OK;
}

/* Collective. The same for sums. */
static masting_status join_sums(phase *p, mst_error *err) {
  for (int k = 1; k < p->t->threads; k++)
    for (int64_t i = 0; i < p->values; i++)
      mst_long_join(p->sum + i * MST_LONG_WORDS, p->sum + (k * p->values + i) * MST_LONG_WORDS);
  for (int64_t i = 0; i < p->values; i++) mst_long_carry(p->sum + i * MST_LONG_WORDS);
  const int64_t words = p->values * MST_LONG_WORDS;
  for (int64_t at = 0; at < words; at += 1 << 24) {
    const int piece = (int)(words - at < 1 << 24 ? words - at : 1 << 24);
    if (mst_mpi_check(
            MPI_Allreduce(MPI_IN_PLACE, p->sum + at, piece, MPI_INT64_T, MPI_SUM, p->t->comm->mpi),
            "MPI_Allreduce", err))
      return err->status;
  }
  for (int64_t i = 0; i < p->values; i++)
    p->extreme[i] = mst_long_value(p->sum + i * MST_LONG_WORDS);
  return MASTING_OK;
}

/* Collective. */
static masting_status run_phase(mst_target *t, int number, mst_error *err) {
  phase p;
  phase_begin(&p, t, number, err);
  if (mst_agree(t->comm, err) == MASTING_OK) {
#pragma omp parallel for schedule(static, 1) num_threads(t->threads)
    for (int k = 0; k < t->threads; k++) phase_thread(&p, k);
    mst_target_trouble(t, err);
    if (err->status) err->status = MASTING_ERR_DATA;
    if (mst_agree(t->comm, err) == MASTING_OK && p.values > 0) {
      if (p.op == MASTING_SUM)
        join_sums(&p, err);
      else
        join_extremes(&p, err);
    }
    const char *wrong = NULL;
    masting_rng rng;
    const masting_random at = random_at(t, &rng, MST_USE_SETUP, 1 + number);
    if (err->status == MASTING_OK && t->model->phase_end)
      wrong = t->model->phase_end(t->state, &at, number, t->size, p.extreme);
    if (wrong) refuse_data(t, wrong, err);
    mst_agree(t->comm, err);
  }
  phase_free(&p);
  return err->status;
}

masting_status mst_target_bind(mst_target *t, mst_error *err) {
  const masting_model *m = t->model;
  take_data(t);
  if (set_up(t, err) == MASTING_OK) make_room(t, err);
  if (mst_agree(t->comm, err) != MASTING_OK) return err->status;
  for (int i = 0; i < m->nphases; i++)
    if (run_phase(t, i, err) != MASTING_OK) return err->status;
  const char *wrong = m->begin ? m->begin(t->state, t->size, mst_slots(t)) : NULL;
  if (wrong) refuse_data(t, wrong, err);
  return mst_agree(t->comm, err);
}

void mst_target_unbind(mst_target *t) {
  if (t->model && t->model->teardown && t->state) t->model->teardown(t->state);
  t->state = NULL;
  for (int v = 0; v < MST_MAX_DATA; v++) mst_free(&t->made[v]);
}

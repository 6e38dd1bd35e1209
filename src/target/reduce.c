/* target/reduce.c -- threads' sums to one message, one MPI_Allreduce, totals. See pass.h. */
#include "target/reduce.h"

#include <string.h>

#include "target/hot.h"
#include "target/range.h"
#ifdef _OPENMP
#include <omp.h>
#endif

#define HASH_BITS 40     /* so that the sum over ranks of a hash fits an int64 and a double alike */
#define MANY_VALUES 2048 /* fewer are not worth waking threads for */

static int64_t values_of(const mst_target *t, int nextra) {
  return t->batches * (1 + nextra + t->layout.reduced);
}

/* One word holds the number of ranks that ask to stop, above it the number of those that noted a
 * signal, above it what rank 0 asks of all. A double has room for all three. */
#define NOTED_SHIFT 20
#define REQUEST_SHIFT 40
#define COUNT_MASK ((INT64_C(1) << NOTED_SHIFT) - 1)

/* Words after the values: a flag per lane, two hash words, abort_count with rank 0's request. */
static int64_t words_after(const mst_target *t) { return (int64_t)t->batches * t->lanes + 3; }

int64_t mst_target_bytes(const mst_target *t, int nextra) {
  int64_t words = values_of(t, nextra) * t->lanes * (t->reduction == MST_EXACT ? MST_LIMBS : 1);
  return (words + words_after(t)) * 8;
}

/* One value's limbs from all threads, carried, so that only ranks add to them after this. */
static void gather_exact(mst_target *t, int64_t value) {
  const int W = t->lanes, n = MST_LIMBS * W;
  int64_t *to = (int64_t *)t->message + value * n;
  memcpy(to, (int64_t *)t->work[0].acc + value * n, (size_t)n * 8);
  for (int k = 1; k < t->threads; k++) {
    const int64_t *from = (int64_t *)t->work[k].acc + value * n;
    for (int i = 0; i < n; i++) to[i] += from[i];
  }
  for (int lane = 0; mst_target_carries(t) && lane < W; lane++) mst_exact_carry(to + lane, W);
}

static void gather_fast(mst_target *t, int64_t value) {
  const int W = t->lanes;
  for (int lane = 0; lane < W; lane++) {
    double sum = 0;
    for (int k = 0; k < t->threads; k++) sum += ((double *)t->work[k].acc)[value * W + lane];
    ((double *)t->message)[value * W + lane] = sum;
  }
}

static void gather_threads(mst_target *t, int64_t values) {
#pragma omp parallel for schedule(static) num_threads(t->threads) if (values > MANY_VALUES)
  for (int64_t v = 0; v < values; v++) {
    if (t->reduction == MST_EXACT)
      gather_exact(t, v);
    else
      gather_fast(t, v);
  }
}

static void put_word(mst_target *t, int64_t i, int64_t word) {
  if (t->reduction == MST_EXACT)
    ((int64_t *)t->message)[i] = word;
  else
    ((double *)t->message)[i] = (double)word;
}

static int64_t get_word(const mst_target *t, int64_t i) {
  return t->reduction == MST_EXACT ? ((int64_t *)t->message)[i]
                                   : (int64_t)((double *)t->message)[i];
}

static uint64_t short_hash(uint64_t h) { return h >> (64 - HASH_BITS); }

/* Each rank contributes two hashes of its state; the sums must be `size` times its own. */
static void check_hashes(const mst_target *t, const int64_t sum[2]) {
  for (int i = 0; i < 2; i++) {
    if (sum[i] == (int64_t)short_hash(t->hash[i]) * t->comm->size) continue;
    mst_error err = {0};
    mst_fail(
        &err, MASTING_ERR_DESYNC,
        "step %lld: this rank's state differs from the other ranks' (hash %010llx); the ranks no "
        "longer build the same trees and their draws would be wrong; expected equal state, got "
        "different; try ranks of one kind of machine, or report it with the seed",
        (long long)t->collectives, (unsigned long long)short_hash(t->hash[i]));
    mst_abort_all(t->comm, &err);
  }
}

masting_status mst_target_same(mst_target *t, mst_error *err) {
  int64_t sum[2] = {(int64_t)short_hash(t->hash[0]), (int64_t)short_hash(t->hash[1])};
  int code = MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_INT64_T, MPI_SUM, t->comm->mpi);
  if (mst_mpi_check(code, "MPI_Allreduce", err) != MASTING_OK) return err->status;
  t->collectives++;
  t->collective_bytes += (int64_t)sizeof sum;
  check_hashes(t, sum);
  return MASTING_OK;
}

static void form_totals(mst_target *t, int64_t values) {
  if (t->reduction != MST_EXACT) {
    memcpy(t->total, t->message, (size_t)(values * t->lanes) * 8);
    return;
  }
  const mst_target_hot *hot = mst_target_hot_at(t->isa, t->lanes);
  const int64_t piece = MANY_VALUES;
#pragma omp parallel for schedule(static) num_threads(t->threads) if (values > MANY_VALUES)
  for (int64_t from = 0; from < values; from += piece)
    hot->totals(t, from, from + piece < values ? from + piece : values);
}

masting_status mst_target_sum(mst_target *t, int nextra, int64_t *word, mst_error *err) {
  const int64_t values = values_of(t, nextra);
  const int64_t words = values * t->lanes * (t->reduction == MST_EXACT ? MST_LIMBS : 1);
  const int64_t lanes = (int64_t)t->batches * t->lanes, total = words + words_after(t);
  gather_threads(t, values);
  for (int64_t i = 0; i < lanes; i++) put_word(t, words + i, mst_range_word(t, i));
  for (int i = 0; i < 2; i++) put_word(t, words + lanes + i, (int64_t)short_hash(t->hash[i]));
  const int64_t request = t->comm->rank == 0 ? t->request : 0;
  put_word(t, words + lanes + 2,
           (t->abort_requested != 0) + ((int64_t)(t->noted != 0) << NOTED_SHIFT) +
               (request << REQUEST_SHIFT));
  MPI_Datatype type = t->reduction == MST_EXACT ? MPI_INT64_T : MPI_DOUBLE;
  for (int64_t at = 0; at < total; at += INT32_MAX) { /* one piece but for messages over 16 GiB */
    int64_t piece = total - at < INT32_MAX ? total - at : INT32_MAX;
    int code = MPI_Allreduce(MPI_IN_PLACE, (char *)t->message + at * 8, (int)piece, type, MPI_SUM,
                             t->comm->mpi);
    if (mst_mpi_check(code, "MPI_Allreduce", err) != MASTING_OK) return err->status;
  }
  t->collectives++;
  t->collective_bytes += total * 8;
  check_hashes(t, (const int64_t[]){get_word(t, words + lanes), get_word(t, words + lanes + 1)});
  const int64_t asked = get_word(t, words + lanes + 2);
  t->abort_count = (int)(asked & COUNT_MASK);
  t->noted_count = (int)(asked >> NOTED_SHIFT & COUNT_MASK);
  t->requested = (int)(asked >> REQUEST_SHIFT);
  for (int64_t i = 0; i < lanes; i++) word[i] = get_word(t, words + i);
  form_totals(t, values);
  return MASTING_OK;
}

masting_status mst_target_reduce(mst_target *t, int nextra, mst_error *err) {
  int64_t word[MST_MAX_BATCHES * 16];
  if (mst_target_sum(t, nextra, word, err) != MASTING_OK) return err->status;
  return mst_range_settle(t, nextra, word, err);
}

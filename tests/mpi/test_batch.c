/* Room target: points in batches with row-local ones in place, against mst_target_eval and, for the
 * hook's sums, against the same sums by all ranks alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/isa.h"
#include "fixture.h"
#include "target/batch.h"

static mst_comm all, alone;

typedef struct problem {
  const char *model;
  int64_t size[3];
} problem;

static const problem problems[] = {
    {"ppca", {1, 2, 1}},      {"ppca", {700, 3, 2}},        {"logistic", {513, 7, 0}},
    {"linear", {1100, 5, 0}}, {"eight_schools", {8, 0, 0}},
};
#define PROBLEMS ((int)(sizeof problems / sizeof *problems))

/* A number of its own for every element: globals from -1, rows by their global number. */
static double position(int slot, int64_t element) {
  return sin(1.0 + 0.37 * (double)element + 1.9 * slot);
}

static void place(mst_batch *b) {
  const mst_target *t = b->target;
  const int64_t first = t->data->shard.first_row.v * t->layout.locals;
  for (int s = 0; s < b->slots; s++) {
    for (int64_t i = 0; i < b->globals; i++) b->y[mst_batch_global(b, s, i)] = position(s, i);
    for (int64_t i = 0; i < b->locals; i++)
      b->local[mst_batch_local(b, s, i)] = position(s, b->globals + first + i);
  }
}

/* Element i of Stan's order in the numbering of position(). */
static int64_t numbered(const mst_layout *l, int64_t i) {
  int64_t row = 0, element = 0;
  return mst_layout_from_stan(l, i, &row, &element) ? l->globals + row * l->locals + element
                                                    : element;
}

static void make_target(mst_target **t, const mst_comm *comm, fixture *g, int chains) {
  mst_error err = {0};
  mst_target_create(t, comm, &g->set, &g->data, mst_isa_here(), chains, 4, MST_EXACT, &err);
  must(&err);
}

static void assert_bits(double got, double want) { assert_memory_equal(&got, &want, sizeof got); }

static void values_are_those_of_the_target(void **state) {
  (void)state;
  for (int i = 0; i < PROBLEMS; i++) {
    fixture g;
    mst_target *t = NULL;
    mst_batch b;
    mst_error err = {0};
    fixture_make(&g, &all, problems[i].model, problems[i].size, 5, NULL, NULL);
    make_target(&t, &all, &g, 7);
    const int64_t n = mst_layout_elements(&t->layout), L = t->layout.locals;
    const int64_t first = t->data->shard.first_row.v * L;
    double *x = calloc((size_t)(8 * n), 8), *grad = calloc((size_t)(8 * n), 8), lp[8];
    for (int s = 0; s < 8; s++)
      for (int64_t k = 0; k < n; k++) x[s * n + k] = position(s, numbered(&t->layout, k));
    mst_target_eval(t, 8, x, lp, grad, &err);
    must(&err);
    mst_batch_begin(&b, t, &err);
    must(&err);
    assert_int_equal(b.slots, 8);
    place(&b);
    const int64_t messages = t->collectives;
    mst_batch_eval(&b, 0, NULL, NULL, &err);
    must(&err);
    assert_int_equal(t->collectives, messages + 1);
    for (int s = 0; s < 8; s++) {
      assert_bits(b.lp[s], lp[s]);
      for (int64_t k = 0; k < n; k++) {
        const int64_t at = numbered(&t->layout, k), mine = at - b.globals - first;
        if (at < b.globals)
          assert_bits(mst_batch_grad(&b, s)[at * t->lanes], grad[s * n + k]);
        else if (mine >= 0 && mine < b.locals)
          assert_bits(b.local_grad[mst_batch_local(&b, s, mine)], grad[s * n + k]);
      }
    }
    mst_batch_end(&b);
    free(grad);
    free(x);
    mst_target_free(&t);
    fixture_free(&g);
  }
}

/* Sums of z^2 and z dlp/dz, lane by lane. */
static void products(const mst_tile *tile, void *context) {
  const mst_batch *b = context;
  const int lanes = tile->target->lanes;
  const int64_t at = (tile->batch * b->locals + tile->element) * lanes;
  for (int i = 0; i < tile->elements * lanes; i++) {
    tile->extra[i % lanes] += b->local[at + i] * b->local[at + i];
    tile->extra[lanes + i % lanes] += b->local[at + i] * b->local_grad[at + i];
  }
}

static void sums_over_rows(const mst_comm *comm, double *sums, double *lp) {
  static const int64_t size[] = {1700, 3, 2};
  fixture g;
  mst_target *t = NULL;
  mst_batch b;
  mst_error err = {0};
  fixture_make(&g, comm, "ppca", size, 5, NULL, NULL);
  make_target(&t, comm, &g, 7);
  mst_batch_begin(&b, t, &err);
  must(&err);
  place(&b);
  mst_batch_eval(&b, 2, products, &b, &err);
  must(&err);
  for (int s = 0; s < b.slots; s++) {
    sums[2 * s] = mst_batch_extra(&b, s, 0);
    sums[2 * s + 1] = mst_batch_extra(&b, s, 1);
    lp[s] = b.lp[s];
  }
  if (comm->size == 1)
    for (int s = 0; s < b.slots; s++) {
      long double want[2] = {0};
      for (int64_t i = 0; i < b.locals; i++) {
        const long double z = b.local[mst_batch_local(&b, s, i)];
        want[0] += z * z;
        want[1] += z * b.local_grad[mst_batch_local(&b, s, i)];
      }
      for (int k = 0; k < 2; k++)
        assert_true(fabsl(sums[2 * s + k] - want[k]) < 1e-12L * (1 + fabsl(want[k])));
    }
  mst_batch_end(&b);
  mst_target_free(&t);
  fixture_free(&g);
}

static void sums_of_a_hook_do_not_depend_on_ranks_and_threads(void **state) {
  (void)state;
  double want[16], want_lp[8], got[16], lp[8];
  sums_over_rows(&alone, want, want_lp);
  for (int threads = 1; threads < 4; threads++) {
    mst_comm comm = all;
    comm.threads = threads;
    sums_over_rows(&comm, got, lp);
    assert_memory_equal(got, want, sizeof want);
    assert_memory_equal(lp, want_lp, sizeof lp);
  }
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  alone = (mst_comm){.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_those_of_the_target),
      cmocka_unit_test(sums_of_a_hook_do_not_depend_on_ranks_and_threads),
  };
  int failed = cmocka_run_group_tests_name("batch", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
